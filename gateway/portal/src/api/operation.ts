import { operations, type Operation } from "@fleet/permissions";

const escape = (text: string) => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");

const templates: readonly { verb: string; pattern: RegExp; operation: Operation }[] = Object.values(operations)
  .map((operation: Operation) => ({
    verb: operation.verb,
    // A custom method (":search") ends the path, so a parameter holds neither a slash nor a colon.
    pattern: new RegExp(`^${escape(operation.path).replace(/\{[^}]+\}/g, "[^/:]+")}$`),
    operation,
  }))
  .sort((a, b) => a.operation.path.split("{").length - b.operation.path.split("{").length);

/** The operation that a request is, as far as the API document knows it. */
export function operationOf(verb: string, path: string): Operation | undefined {
  return templates.find((t) => t.verb === verb && t.pattern.test(decodeURI(path)))?.operation;
}
