import createClient from "openapi-fetch";
import { ApiProblem } from "./problem.ts";
import type { components, paths } from "./schema.ts";
import { renew } from "./session.ts";

/** A message of the API by its name, without the version's prefix. */
export type Message<K extends string> = `v1${K}` extends keyof components["schemas"] ? components["schemas"][`v1${K}`] : never;

/** The body of a call whose address names the rest of the request. */
export type Body<K extends keyof components["schemas"]> = components["schemas"][K];

export const api = createClient<paths>({ baseUrl: "", cache: "no-store" });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Answers the body, or throws ApiProblem. A session that has run out is renewed once on the way. */
export async function ask<T>(send: () => Promise<Answer<T>>): Promise<T> {
  let got = await send();
  if (got.response.status === 401 && (await renew()).signedIn) got = await send();
  if (!got.response.ok) throw new ApiProblem(got.response.status, got.error);
  return got.data as T;
}
