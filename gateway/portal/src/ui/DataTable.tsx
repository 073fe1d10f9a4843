import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "./Button";
import { classes } from "./classes";
import { EmptyState, ErrorState, Skeleton } from "./states";

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  /** What stands in the head instead of the plain name, e.g. a button that sorts. */
  readonly head?: ReactNode;
  /** How the rows are ordered by this column, if they are. */
  readonly sorted?: "ascending" | "descending" | undefined;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: "start" | "end";
  /** Tailwind width, e.g. "w-32". */
  readonly width?: string;
  /** The cell that names the row; one per table, usually with the link. */
  readonly rowHeader?: boolean;
  /** Left out between 640 and 1024 px, where columns are dear. */
  readonly minor?: boolean;
}

export interface DataTableProps<Row> {
  /** What the table lists, for those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[] | undefined;
  readonly rowKey: (row: Row) => string;
  readonly empty: ReactNode;
  readonly error?: unknown;
  readonly retry?: () => void;
  readonly skeletonRows?: number;
}

/**
 * Rows of one kind. On a narrow screen each row becomes a block of label and value. The explicit roles keep the table a table for
 * screen readers where CSS takes its display away.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, rowKey, empty, error, retry, skeletonRows = 8 } = props;
  if (error && !rows) {
    return (
      <div className="p-4">
        <ErrorState error={error} {...(retry ? { retry } : {})} />
      </div>
    );
  }
  if (rows?.length === 0) return typeof empty === "string" ? <EmptyState title={empty} /> : empty;
  return (
    <div className="overflow-x-auto" aria-busy={rows === undefined}>
      <table role="table" className="stacked w-full border-collapse text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row" className="border-b border-line">
            {columns.map((c) => (
              <th
                key={c.id}
                role="columnheader"
                scope="col"
                aria-sort={c.sorted}
                className={classes(
                  c.head === undefined ? "px-4 py-2" : "px-2 py-1",
                  "text-xs leading-4 font-medium whitespace-nowrap text-faint",
                  c.align === "end" ? "text-end" : "text-start",
                  c.minor && "sm:max-lg:hidden",
                  c.width,
                )}
              >
                {c.head ?? c.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows === undefined
            ? Array.from({ length: skeletonRows }, (_, i) => <SkeletonRow key={i} columns={columns} />)
            : rows.map((row) => <TableRow key={rowKey(row)} row={row} columns={columns} />)}
        </tbody>
      </table>
    </div>
  );
}

function TableRow<Row>({ row, columns }: { row: Row; columns: readonly Column<Row>[] }) {
  return (
    <tr role="row" className="border-b border-line last:border-b-0 hover:bg-hover">
      {columns.map((c) => {
        const className = classes(
          // Below 640 px the stacked rows have measures of their own, which utilities would win over.
          "align-baseline sm:px-4 sm:py-2.5",
          c.align === "end" && "sm:text-end",
          c.minor && "sm:max-lg:hidden",
          c.rowHeader && "font-medium text-start",
        );
        // The span keeps several children of a cell together in the second column of a stacked row.
        const content = <span className="min-w-0">{c.cell(row)}</span>;
        return c.rowHeader ? (
          <th key={c.id} scope="row" role="rowheader" data-label={c.header} className={className}>
            {content}
          </th>
        ) : (
          <td key={c.id} role="cell" data-label={c.header} className={className}>
            {content}
          </td>
        );
      })}
    </tr>
  );
}

function SkeletonRow<Row>({ columns }: { columns: readonly Column<Row>[] }) {
  return (
    <tr role="row" className="border-b border-line last:border-b-0">
      {columns.map((c) => (
        <td
          key={c.id}
          role="cell"
          data-label={c.header}
          className={classes("sm:px-4 sm:py-2.5", c.minor && "sm:max-lg:hidden")}
        >
          <Skeleton className="h-5 w-full max-w-32" />
        </td>
      ))}
    </tr>
  );
}

/** The rows of all pages that have been loaded; undefined before the first. */
export function rowsOf<Page, Row>(
  query: { data: { pages: Page[] } | undefined },
  pick: (page: Page) => Row[] | undefined,
): Row[] | undefined {
  return query.data?.pages.flatMap((page) => pick(page) ?? []);
}

/** A table over an infinite query: loading, empty, error and the next page. */
export function DataList<Row>({
  query,
  ...table
}: Omit<DataTableProps<Row>, "error" | "retry"> & {
  query: Pick<
    UseInfiniteQueryResult,
    "error" | "hasNextPage" | "isFetchingNextPage" | "fetchNextPage" | "refetch" | "isFetchNextPageError"
  >;
}) {
  const count = table.rows?.length ?? 0;
  return (
    <>
      <DataTable {...table} error={query.error} retry={() => void query.refetch()} />
      {query.isFetchNextPageError ? (
        <div className="border-t border-line p-4">
          <ErrorState error={query.error} retry={() => void query.fetchNextPage()} />
        </div>
      ) : null}
      {count > 0 ? (
        <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-2.5 text-xs text-faint">
          <p role="status">
            {count} shown{query.hasNextPage ? ", more available" : ""}
          </p>
          {query.hasNextPage ? (
            <Button
              className="no-print"
              pending={query.isFetchingNextPage}
              onClick={() => {
                void query.fetchNextPage();
              }}
            >
              {query.isFetchingNextPage ? "Loading…" : "Load more"}
            </Button>
          ) : null}
        </div>
      ) : null}
    </>
  );
}
