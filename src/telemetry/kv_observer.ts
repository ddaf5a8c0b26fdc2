import { type AuditEvent, eventsIn } from "../../stores/audit_events.ts";
import { StoreUnavailable } from "../../stores/kv.ts";
import type { KvObserver } from "../../stores/step.ts";
import { Refusal } from "../../stores/transaction.ts";
