import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { refuse, serve, type Handler } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import { crewIdsOf } from "./CrewDialog";

const people = [
  {
    subject: "s-medic",
    agencyId: "1",
    login: "lakeshore-medic",
    roles: ["clinical_staff", "clinical_supervisor"],
    firstSeenTime: "2026-11-01T12:00:00Z",
    lastSeenTime: "2026-11-22T01:00:00Z",
  },
  {
    subject: "s-qa",
    agencyId: "1",
    login: "lakeshore-qa",
    roles: ["qa_reviewer"],
    firstSeenTime: "2026-11-01T12:00:00Z",
    lastSeenTime: "2026-11-22T01:00:00Z",
  },
];
const personnel = [
  { subject: "s-medic", crewIds: ["LKS417-P01"], updateTime: "2026-11-01T12:00:00Z" },
  { subject: "s-later", crewIds: ["LKS417-P09"], updateTime: "2026-11-01T12:00:00Z" },
];

function directory(over: Record<string, Handler | object> = {}) {
  return serve({
    "GET /api/me": person("agency_administrator"),
    "GET /api/people": { people },
    "GET /api/clinical/personnel": { personnel },
    ...over,
  });
}

describe("people", () => {
  it("are listed with roles as people call them and with their crew ids", async () => {
    directory();
    const { container } = await open("/people");
    await screen.findByText("lakeshore-medic");
    const row = screen.getByRole("row", { name: /^lakeshore-medic/ });
    expect(row).toHaveTextContent("Clinical Staff, Clinical Supervisor");
    expect(row).toHaveTextContent("Nov 21, 2026, 19:00 CST");
    expect(await within(row).findByText("LKS417-P01")).toBeVisible();
    const others = await screen.findByRole("table", { name: "Crew ids of people who have not signed in" });
    expect(within(others).getByRole("row", { name: /s-later LKS417-P09/ })).toBeVisible();
    expect(within(others).queryByText("s-medic")).not.toBeInTheDocument();
    await expectAccessible(container);
  }, 60_000);

  it("are filtered by role in the address", async () => {
    const calls = directory();
    const { user, router } = await open("/people");
    await user.selectOptions(await screen.findByLabelText("Role"), "Medical Director");
    expect(router.state.location.search).toEqual({ role: "medical_director" });
    expect(
      calls
        .filter((c) => c.path === "/api/people")
        .at(-1)
        ?.query.get("role"),
    ).toBe("medical_director");
  });

  it("get crew ids", async () => {
    const calls = directory({ "PUT /api/clinical/personnel/s-qa": { subject: "s-qa", crewIds: ["P7", "P8"] } });
    const { user } = await open("/people");
    await user.click(await screen.findByRole("button", { name: "Edit crew ids of lakeshore-qa" }));
    const dialog = screen.getByRole("dialog", { name: "Crew ids of lakeshore-qa" });
    await user.type(within(dialog).getByLabelText("Crew ids (eCrew.01)"), "P7, P8{Enter}P7");
    await user.click(within(dialog).getByRole("button", { name: "Save crew ids" }));
    expect(await screen.findByText("Crew ids were saved")).toBeVisible();
    expect(calls.find((c) => c.method === "PUT")?.body).toEqual({ crewIds: ["P7", "P8"] });
  });

  it("get none that another has, or that is none", async () => {
    directory({
      "PUT /api/clinical/personnel/s-medic": refuse(409, "CREW_ID_TAKEN", "a crew id is bound already", [
        {
          field: "crewIds",
          rule: "personnel.crew_id.unique",
          message: "a crew id belongs to one login; take it from the other first",
        },
      ]),
    });
    const { user } = await open("/people");
    await user.click(await screen.findByRole("button", { name: "Edit crew ids of lakeshore-medic" }));
    const field = await screen.findByLabelText("Crew ids (eCrew.01)");
    expect(field).toHaveValue("LKS417-P01");
    await user.type(field, "{Enter}x");
    await user.click(screen.getByRole("button", { name: "Save crew ids" }));
    expect(await screen.findByText("A crew id has 2 to 15 characters")).toBeVisible();
    await user.type(field, "1");
    await user.click(screen.getByRole("button", { name: "Save crew ids" }));
    expect(await screen.findByText("a crew id belongs to one login; take it from the other first")).toBeVisible();
  });

  it("who have not signed in are bound by subject", async () => {
    const calls = directory({ "PUT /api/clinical/personnel/s-new": { subject: "s-new", crewIds: ["P3"] } });
    const { user } = await open("/people");
    await user.click(await screen.findByRole("button", { name: "Bind crew ids by subject" }));
    await user.click(screen.getByRole("button", { name: "Save crew ids" }));
    expect(await screen.findByText("The subject of the person’s tokens")).toBeVisible();
    await user.type(screen.getByLabelText("Subject"), "s-new");
    await user.type(screen.getByLabelText("Crew ids (eCrew.01)"), "P3");
    await user.click(screen.getByRole("button", { name: "Save crew ids" }));
    expect(await screen.findByText("Crew ids were saved")).toBeVisible();
    expect(calls.some((c) => c.method === "PUT" && c.path.endsWith("/s-new"))).toBe(true);
  });

  it("are a plain list to a compliance officer", async () => {
    const calls = directory({ "GET /api/me": person("compliance_officer") });
    await open("/people");
    expect(await screen.findByText("lakeshore-qa")).toBeVisible();
    expect(screen.queryByText("Crew ids (eCrew.01)")).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /crew ids/i })).not.toBeInTheDocument();
    expect(calls.some((c) => c.path.includes("personnel"))).toBe(false);
  });

  it("are no page for a reviewer", async () => {
    const calls = directory({ "GET /api/me": person("qa_reviewer") });
    await open("/people");
    expect(screen.queryByRole("table")).not.toBeInTheDocument();
    expect(calls.some((c) => c.path === "/api/people")).toBe(false);
  });

  it("type crew ids as they like", () => expect(crewIdsOf(" a1,b2;\n\n c3 ,a1")).toEqual(["a1", "b2", "c3"]));
});
