import { infiniteQueryOptions, queryOptions, useQuery } from "@tanstack/react-query";
import { api, nextPage, read, type Schema } from "@/api";
import { useCan, useMe } from "@/permissions";

export type Person = Schema<"v1Person">;
export type Personnel = Schema<"v1Personnel">;

export const peopleQuery = (role: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["people", "list", role ?? ""],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET("/api/people", {
          params: { query: { pageSize: 100, pageToken: pageParam, ...(role ? { role } : {}) } },
          signal,
        }),
      ),
    ...nextPage,
  });

const pageSize = 500;

/** The whole directory, for telling the login of a subject. An agency has hundreds of people, not many thousands. */
export const directoryQuery = queryOptions({
  queryKey: ["people", "directory"],
  queryFn: async ({ signal }) => {
    const people: Person[] = [];
    let pageToken = "";
    do {
      const page = await read(api.GET("/api/people", { params: { query: { pageSize, pageToken } }, signal }));
      people.push(...(page.people ?? []));
      pageToken = page.nextPageToken ?? "";
    } while (pageToken);
    return people;
  },
  staleTime: 5 * 60_000,
});

export const personnelQuery = queryOptions({
  queryKey: ["people", "personnel"],
  queryFn: async ({ signal }) => {
    const personnel: Personnel[] = [];
    let pageToken = "";
    do {
      const page = await read(
        api.GET("/api/clinical/personnel", { params: { query: { pageSize, pageToken } }, signal }),
      );
      personnel.push(...(page.personnel ?? []));
      pageToken = page.nextPageToken ?? "";
    } while (pageToken);
    return personnel;
  },
});

export interface Directory {
  readonly people: readonly Person[];
  /** The login of a subject; undefined for who is not in the directory, or while it is not there. */
  readonly loginOf: (subject: string) => string | undefined;
}

/** Who is behind a subject, as far as the caller may know. */
export function useDirectory(): Directory {
  const me = useMe();
  const { data = [] } = useQuery({ ...directoryQuery, enabled: useCan("PersonService_ListPeople") });
  return {
    people: data,
    loginOf: (subject) => {
      if (subject === me.subject) return me.name || undefined;
      return data.find((person) => person.subject === subject)?.login || undefined;
    },
  };
}

export const updatePersonnel = (subject: string, crewIds: string[]) =>
  read(api.PUT("/api/clinical/personnel/{subject}", { params: { path: { subject } }, body: { crewIds } }));
