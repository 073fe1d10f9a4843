import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { refuse, serve, type Handler } from "@/test/api";
import { founderFor, person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import { missing, neededBy } from "./queries";

const modules = (off: readonly string[] = []) =>
  [
    { module: "clinical", requires: [] },
    { module: "qa", requires: ["clinical"] },
    { module: "billing", requires: ["clinical"] },
    { module: "reporting", requires: ["clinical"] },
    { module: "compliance", requires: [] },
  ].map((m) => ({ ...m, enabled: !off.includes(m.module), reason: off.includes(m.module) ? "Pilot ended" : "" }));

function switchboard(off: readonly string[] = [], over: Record<string, Handler | object> = {}) {
  return serve({
    "GET /api/me": founderFor(),
    "GET /api/agencies": {
      agencies: [{ id: "1", displayName: "Lakeshore EMS", stateUniqueId: "WI-001", timeZone: "America/Chicago" }],
    },
    "GET /api/agencies/1/modules": { modules: modules(off) },
    ...over,
  });
}

describe("modules", () => {
  it("are shown to an administrator, who moves no switch", async () => {
    switchboard(["qa"], { "GET /api/me": person("agency_administrator", { modules: ["clinical"] }) });
    const { container } = await open("/modules");
    await screen.findByText("Pilot ended");
    const row = screen.getByRole("row", { name: /^Quality/ });
    expect(row).toHaveTextContent("Off");
    expect(row).toHaveTextContent("Pilot ended");
    expect(screen.queryByRole("button", { name: /Switch/ })).not.toBeInTheDocument();
    expect(screen.getByText("The platform team switches modules on and off.")).toBeVisible();
    await expectAccessible(container);
  }, 60_000);

  it("are chosen by agency by a founder", async () => {
    switchboard([], { "GET /api/me": person("founder") });
    await open("/modules");
    expect(await screen.findByRole("link", { name: "Lakeshore EMS" })).toHaveAttribute("href", "/modules?agency=1");
  });

  it("are switched off with a reason", async () => {
    const calls = switchboard([], { "PUT /api/agencies/1/modules/qa": { module: "qa", enabled: false } });
    const { user } = await open("/modules?agency=1");
    await user.click(await screen.findByRole("button", { name: "Switch off… Quality" }));
    const dialog = screen.getByRole("dialog", { name: "Switch off: Quality" });
    await user.type(within(dialog).getByLabelText(/Reason/), " Pilot ended ");
    await user.click(within(dialog).getByRole("button", { name: "Switch off" }));
    expect(await screen.findByText("Quality is off for Lakeshore EMS")).toBeVisible();
    expect(calls.find((c) => c.method === "PUT")?.body).toEqual({ enabled: false, reason: "Pilot ended" });
  });

  it("are switched on without one", async () => {
    const calls = switchboard(["qa"], { "PUT /api/agencies/1/modules/qa": { module: "qa", enabled: true } });
    const { user } = await open("/modules?agency=1");
    await user.click(await screen.findByRole("button", { name: "Switch on… Quality" }));
    expect(screen.queryByLabelText(/Reason/)).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Switch on" }));
    expect(await screen.findByText("Quality is on for Lakeshore EMS")).toBeVisible();
    expect(calls.find((c) => c.method === "PUT")?.body).toEqual({ enabled: true, reason: "" });
  });

  it("say before what stands against a switch", async () => {
    switchboard();
    const { user } = await open("/modules?agency=1");
    await user.click(await screen.findByRole("button", { name: "Switch off… Clinical" }));
    expect(screen.getByText("Quality, Billing, and Reporting need Clinical. Switch them off first.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Switch off" })).toBeDisabled();
  });

  it("say what a module needs before it can be on", async () => {
    switchboard(["qa", "billing", "reporting", "clinical"]);
    const { user } = await open("/modules?agency=1");
    await user.click(await screen.findByRole("button", { name: "Switch on… Quality" }));
    expect(screen.getByText("It needs Clinical. Switch that on first.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Switch on" })).toBeDisabled();
  });

  it("say what the server found against it", async () => {
    switchboard(["qa", "billing", "reporting"], {
      "PUT /api/agencies/1/modules/clinical": refuse(
        400,
        "MODULE_REQUIRED_BY_OTHERS",
        "modules that need it are on: qa",
      ),
    });
    const { user } = await open("/modules?agency=1");
    await user.click(await screen.findByRole("button", { name: "Switch off… Clinical" }));
    await user.click(screen.getByRole("button", { name: "Switch off" }));
    expect(await screen.findByText("modules that need it are on: qa")).toBeVisible();
    expect(screen.getByRole("dialog", { name: "Switch off: Clinical" })).toBeVisible();
  });

  it("know what depends on what", () => {
    expect(neededBy(modules(["qa"]), "clinical")).toEqual(["billing", "reporting"]);
    expect(neededBy(modules(), "qa")).toEqual([]);
    expect(missing(modules(["clinical"]), "qa")).toEqual(["clinical"]);
    expect(missing(modules(), "qa")).toEqual([]);
  });
});
