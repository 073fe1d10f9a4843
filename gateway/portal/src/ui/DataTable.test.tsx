import { screen, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { ApiProblem } from "@/api";
import { expectAccessible, show } from "@/test/render";
import { DataList, DataTable, type Column } from "./DataTable";
import { EmptyState } from "./states";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly count: number;
}

const columns: readonly Column<Row>[] = [
  { id: "name", header: "Name", rowHeader: true, cell: (row) => row.name },
  { id: "count", header: "Count", align: "end", cell: (row) => row.count },
];

const rows: Row[] = [
  { id: "1", name: "Lakeshore", count: 3 },
  { id: "2", name: "High Plains", count: 5 },
];

const table = {
  caption: "Agencies",
  columns,
  rowKey: (row: Row) => row.id,
  empty: <EmptyState title="No agency">Register one.</EmptyState>,
};

describe("a table", () => {
  test("names its rows and columns", async () => {
    const { container } = await show(<DataTable {...table} rows={rows} />);
    const found = screen.getByRole("table", { name: "Agencies" });
    expect(
      within(found)
        .getAllByRole("columnheader")
        .map((h) => h.textContent),
    ).toEqual(["Name", "Count"]);
    expect(within(found).getByRole("rowheader", { name: "High Plains" })).toBeVisible();
    expect(within(found).getByRole("cell", { name: "5" })).toHaveAttribute("data-label", "Count");
    await expectAccessible(container);
  });

  test("is busy and holds its place before the first answer", async () => {
    const { container } = await show(<DataTable {...table} rows={undefined} skeletonRows={4} />);
    expect(container.querySelector("[aria-busy=true]")).not.toBeNull();
    expect(container.querySelectorAll("tbody tr")).toHaveLength(4);
    await expectAccessible(container);
  });

  test("says what to do when there is nothing", async () => {
    await show(<DataTable {...table} rows={[]} />);
    expect(screen.getByText("Register one.")).toBeVisible();
    expect(screen.queryByRole("table")).toBeNull();
  });

  test("says what happened, what to do and the request when it is refused", async () => {
    const retry = vi.fn();
    const error = new ApiProblem({ status: 503, reason: "SERVICE_UNAVAILABLE", title: "x", requestId: "01a2" });
    const { user, container } = await show(<DataTable {...table} rows={undefined} error={error} retry={retry} />);
    const alert = screen.getByRole("alert");
    expect(alert).toHaveTextContent("A part of the system is away");
    expect(alert).toHaveTextContent("01a2");
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(retry).toHaveBeenCalledOnce();
    await expectAccessible(container);
  });

  test("offers no second try for what is not there", async () => {
    const error = new ApiProblem({ status: 404, reason: "NOT_FOUND", title: "x", detail: "no such row" });
    await show(<DataTable {...table} rows={undefined} error={error} retry={vi.fn()} />);
    expect(screen.getByRole("alert")).toHaveTextContent("No such row.");
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });
});

describe("a list", () => {
  const query = {
    error: null,
    hasNextPage: true,
    isFetchingNextPage: false,
    isFetchNextPageError: false,
    fetchNextPage: vi.fn(),
    refetch: vi.fn(),
  };

  test("loads the next page on demand and says how much is shown", async () => {
    const { user } = await show(<DataList {...table} rows={rows} query={query} />);
    expect(screen.getByText("2 shown, more available")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Load more" }));
    expect(query.fetchNextPage).toHaveBeenCalledOnce();
  });

  test("keeps its rows when the next page is refused", async () => {
    const error = new ApiProblem({ status: 429, reason: "RATE_LIMITED", title: "x" });
    await show(<DataList {...table} rows={rows} query={{ ...query, error, isFetchNextPageError: true }} />);
    expect(screen.getByRole("rowheader", { name: "Lakeshore" })).toBeVisible();
    expect(screen.getByRole("alert")).toHaveTextContent("Too many requests");
  });
});
