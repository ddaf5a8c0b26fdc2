import { pagesOnTheWayIn } from "./pages/every.ts";
import { looksAt } from "./support/every_page.ts";

looksAt(pagesOnTheWayIn);
