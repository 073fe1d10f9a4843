import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api";
import { upload, type Upload } from "@/api/upload";
import { serve } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import { stemi } from "../view/facts.test-data";

vi.mock("@/api/upload", () => ({ upload: vi.fn() }));

const xml = (name: string) => new File([`<EMSDataSet>${name}</EMSDataSet>`], name, { type: "text/xml" });
const chart = { ...stemi, facts: undefined };

/** Answers by the name that stands in the document. */
async function answer({ body, onSent }: Upload): Promise<{ status: number; data: unknown }> {
  const text = new TextDecoder().decode(await body.arrayBuffer());
  onSent?.(body.size);
  if (text.includes("broken.xml")) {
    throw new ApiProblem({
      status: 400,
      reason: "NEMSIS_INVALID",
      title: "Bad Request",
      detail: "the document is not a valid NEMSIS EMSDataSet; nothing was stored",
      requestId: "req-7",
      errors: [
        {
          field: "/EMSDataSet/Header[1]/PatientCareReport[1]/eTimes/eTimes.03",
          rule: "nemsis.xsd.missing_mandatory",
          message: "eTimes needs eTimes.03",
          line: 61,
        },
      ],
    });
  }
  if (text.includes("away.xml"))
    throw new ApiProblem({ status: 0, reason: "NETWORK", title: "The server did not answer" });
  if (text.includes("hangs.xml")) return new Promise(() => undefined);
  return { status: text.includes("again.xml") ? 200 : 201, data: { charts: [chart] } };
}

beforeEach(() => {
  vi.mocked(upload).mockReset().mockImplementation(answer);
});

async function page(role = "clinical_supervisor") {
  serve({ "GET /api/me": person(role), "GET /api/clinical/charts": { charts: [] } });
  const view = await open("/charts/import");
  const field = await screen.findByLabelText(/Drop NEMSIS files here/);
  // fireEvent, since what the field accepts is a hint to the browser's dialog and not a check.
  const add = (...files: File[]) => fireEvent.change(field, { target: { files } });
  const item = (name: string) => {
    const found = screen.getByText(name).closest("li");
    if (!found) throw new Error(`no ${name}`);
    return within(found);
  };
  return { ...view, add, item };
}

describe("Import charts", () => {
  it("shows of many files only those that were refused", async () => {
    const { add, user } = await page();
    add(...Array.from({ length: 11 }, (_, i) => xml(`good-${i}.xml`)), xml("broken.xml"));
    expect(await screen.findByText("Everything has been dealt with.", {}, { timeout: 30_000 })).toBeVisible();
    const files = () => within(screen.getByRole("list", { name: "Files" })).getAllByText(/^[\w-]+\.xml$/);
    expect(files()).toHaveLength(12);
    await user.selectOptions(screen.getByLabelText("Show"), "Refused and failed (1)");
    expect(files().map((file) => file.textContent)).toEqual(["broken.xml"]);
    await user.selectOptions(screen.getByLabelText("Show"), "Under way (0)");
    await user.click(screen.getByRole("button", { name: "Show all files" }));
    expect(files()).toHaveLength(12);
  });

  it("shows what became of each file, with element, line and rule of each fault", async () => {
    const { add, item, container } = await page();
    add(xml("good.xml"), xml("again.xml"), xml("broken.xml"), new File(["x"], "notes.txt"));
    expect(await item("good.xml").findByText("Stored")).toBeVisible();
    expect(item("good.xml").getByRole("link", { name: "55001-0042" })).toHaveAttribute(
      "href",
      `/charts/${stemi.id ?? ""}`,
    );
    expect(item("good.xml").getByText("Version 2 of a chart")).toBeVisible();
    expect(item("good.xml").getByRole("rowheader", { name: "dAgency.02" })).toBeVisible();
    expect(await item("again.xml").findByText("Already there")).toBeVisible();
    expect(item("again.xml").getByText("Already there, unchanged")).toBeVisible();
    const broken = item("broken.xml");
    expect(await broken.findByText("Refused")).toBeVisible();
    expect(broken.getByText("The document is not a valid NEMSIS EMSDataSet; nothing was stored.")).toBeVisible();
    expect(broken.getByRole("rowheader", { name: "eTimes.03" })).toBeVisible();
    expect(broken.getByRole("cell", { name: "61" })).toBeVisible();
    expect(broken.getByText("req-7")).toBeVisible();
    expect(item("notes.txt").getByText("Only .xml files can be NEMSIS documents.")).toBeVisible();
    expect(upload).toHaveBeenCalledTimes(3);
    await expectAccessible(container);
  });

  it("sends again what had no answer, not what was refused", async () => {
    const { add, item, user } = await page();
    add(xml("away.xml"), xml("broken.xml"));
    expect(await item("away.xml").findByText("Failed")).toBeVisible();
    expect(item("broken.xml").queryByRole("button", { name: /again/ })).toBeNull();
    vi.mocked(upload).mockResolvedValue({ status: 201, data: { charts: [chart] } });
    await user.click(screen.getByRole("button", { name: "Send failed again" }));
    expect(await item("away.xml").findByText("Stored")).toBeVisible();
    expect(upload).toHaveBeenCalledTimes(3);
  });

  it("removes and clears, and says the outcome aloud", async () => {
    const { add, item, user } = await page();
    add(xml("good.xml"), xml("broken.xml"));
    expect(await item("good.xml").findByText("Stored")).toBeVisible();
    expect(
      await screen.findByText("All 2 files done: 1 stored, 0 already there, 1 refused, 0 failed"),
    ).toBeInTheDocument();
    await user.click(item("broken.xml").getByRole("button", { name: /Remove broken.xml/ }));
    expect(screen.queryByText("broken.xml")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Clear finished" }));
    expect(screen.queryByText("good.xml")).toBeNull();
    expect(screen.getByText("What happens to a file")).toBeVisible();
  });

  it("asks before a page is left while files are under way", async () => {
    const { add, item, user, router } = await page();
    add(xml("hangs.xml"));
    expect(await item("hangs.xml").findByText("Being read")).toBeVisible();
    void router.navigate({ to: "/charts" });
    expect(await screen.findByText("Leave while files are uploading?")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(router.state.location.pathname).toBe("/charts/import");
    void router.navigate({ to: "/charts" });
    await user.click(await screen.findByRole("button", { name: "Leave anyway" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Charts" })).toBeVisible();
    expect(vi.mocked(upload).mock.calls[0]?.[0].signal?.aborted).toBe(true);
  });

  it("links to no chart for those who may import and not read", async () => {
    const { add, item } = await page("agency_administrator");
    add(xml("good.xml"));
    expect(await item("good.xml").findByText("Stored")).toBeVisible();
    expect(item("good.xml").getByText("55001-0042")).toBeVisible();
    // The journey shows them what their role may see of it.
    expect(
      item("good.xml")
        .getAllByRole("link")
        .map((l) => l.textContent),
    ).toEqual(["Journey of 55001-0042"]);
  });

  it("is no page for those who may not import", async () => {
    serve({ "GET /api/me": person("clinical_staff") });
    await open("/charts/import");
    expect(await screen.findByText("No access")).toBeVisible();
    expect(screen.queryByLabelText(/Drop NEMSIS files here/)).toBeNull();
  });
});
