import { onlyRead } from "./only_read.ts";

throw onlyRead;
