import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { crossAgencies } from "@/api";
import { refuse, serve } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import { stemi } from "./view/facts.test-data";

const row = { ...stemi, facts: undefined };
const supervisor = person("clinical_supervisor");

describe("Charts", () => {
  it("lists charts with what tells them apart", async () => {
    serve({ "GET /api/me": supervisor, "GET /api/clinical/charts": { charts: [row], nextPageToken: "" } });
    const { container } = await open("/charts");
    const table = await screen.findByRole("table", { name: "Charts" });
    expect(await within(table).findByRole("link", { name: "55001-0042" })).toHaveAttribute(
      "href",
      `/charts/${stemi.id ?? ""}`,
    );
    expect(within(table).getByText("INC-77")).toBeVisible();
    expect(within(table).getByText("version 2")).toBeVisible();
    expect(within(table).getByText("1 finding")).toBeVisible();
    expect(within(table).getByText("Mar 1, 2026, 10:00 CST")).toBeVisible();
    await expectAccessible(container);
  });

  it("says of which agency a chart is to whoever reads across agencies", async () => {
    serve({
      "GET /api/me": person("founder"),
      "GET /api/agencies": { agencies: [{ id: "1", displayName: "Lakeshore EMS" }] },
      "GET /api/clinical/charts": { charts: [row] },
    });
    crossAgencies("quality of the fleet");
    await open("/charts");
    const shown = (await screen.findByRole("rowheader")).closest("tr") as HTMLElement;
    expect(await within(shown).findByText("Lakeshore EMS")).toBeVisible();
  });

  it("asks for the days of the agency's zone", async () => {
    const calls = serve({ "GET /api/me": supervisor, "GET /api/clinical/charts": { charts: [] } });
    await open("/charts?from=2026-03-07&to=2026-03-08");
    expect(await screen.findByText("No chart in this period")).toBeVisible();
    const asked = calls.find((c) => c.path === "/api/clinical/charts")?.query;
    expect(asked?.get("notifiedFrom")).toBe("2026-03-07T06:00:00.000Z");
    // The clocks change on the 8th: the next day begins an hour earlier.
    expect(asked?.get("notifiedTo")).toBe("2026-03-09T05:00:00.000Z");
  });

  it("searches by number without putting it into the address", async () => {
    const calls = serve({
      "GET /api/me": supervisor,
      "GET /api/clinical/charts": { charts: [] },
      "POST /api/clinical/charts:search": { charts: [row] },
    });
    const { user, router } = await open("/charts");
    await user.type(await screen.findByRole("searchbox", { name: /PCR number/ }), "55001-0");
    expect(await screen.findByRole("table", { name: "Found charts" })).toBeVisible();
    const searches = calls.filter((c) => c.path === "/api/clinical/charts:search");
    expect(searches.map((c) => c.body)).toEqual([{ query: "55001-0" }]);
    expect(router.state.location.href).toBe("/charts");
    expect(calls.every((c) => !c.query.toString().includes("55001"))).toBe(true);
  });

  it("shows the next page after the first", async () => {
    const calls = serve({
      "GET /api/me": supervisor,
      "GET /api/clinical/charts": (call: { query: URLSearchParams }) =>
        call.query.get("pageToken")
          ? { charts: [{ ...row, id: "2", pcrNumber: "55001-0043" }] }
          : { charts: [row], nextPageToken: "t" },
    });
    const { user } = await open("/charts");
    await user.click(await screen.findByRole("button", { name: "Load more" }));
    expect(await screen.findByRole("link", { name: "55001-0043" })).toBeVisible();
    expect(screen.getByRole("link", { name: "55001-0042" })).toBeVisible();
    expect(calls.filter((c) => c.path === "/api/clinical/charts")).toHaveLength(2);
  });

  it("says what is the matter when the list cannot be read", async () => {
    serve({ "GET /api/me": supervisor, "GET /api/clinical/charts": refuse(500, "INTERNAL", "") });
    await open("/charts");
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("Something went wrong on our side");
    expect(alert).toHaveTextContent("req-1");
  });

  it("offers the import to those who may import, and says to others when charts appear", async () => {
    serve({ "GET /api/me": supervisor, "GET /api/clinical/charts": { charts: [] } });
    const first = await open("/charts");
    await waitFor(() => expect(screen.getAllByRole("link", { name: "Import charts" }).length).toBeGreaterThan(0));
    first.unmount();
    serve({ "GET /api/me": person("clinical_staff"), "GET /api/clinical/charts": { charts: [] } });
    await open("/charts");
    expect(await screen.findByText(/those of your crew/)).toBeVisible();
    expect(screen.queryByRole("link", { name: "Import charts" })).toBeNull();
  });
});
