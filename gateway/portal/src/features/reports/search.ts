import { z } from "zod";
import { sortKeys } from "./figures";

const key = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/)
  .optional()
  .catch(undefined);

/** Filter of the history. */
export const reportsSearch = z.object({ template: key });

/** Order of the rows of an execution, and the execution that it was run again from. */
export const executionSearch = z.object({
  sort: z.enum(sortKeys).optional().catch(undefined),
  order: z.enum(["asc", "desc"]).optional().catch(undefined),
  again: z.uuid().optional().catch(undefined),
});
