import { screen } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { ApiProblem } from "@/api";
import { expectAccessible, show } from "@/test/render";
import { CheckboxField, DateField, Form, FormActions, SelectField, TextAreaField, TextField, useZodForm } from "./form";

const schema = z.object({
  number: z.string().min(2, "At least two characters"),
  state: z.string().min(1, "Choose a state"),
  expires: z.string().min(1, "Enter a date"),
  note: z.string(),
  agreed: z.boolean().refine((v) => v, "Confirm this"),
});

function Example({ save }: { save: (values: z.output<typeof schema>) => Promise<unknown> }) {
  const form = useZodForm(schema, { defaultValues: { number: "", state: "", expires: "", note: "", agreed: false } });
  return (
    <Form form={form} onSubmit={save} label="Registration" rename={{ "registration.expirationDate": "expires" }}>
      <TextField form={form} name="number" label="Number" hint="Two letters and seven digits" />
      <SelectField
        form={form}
        name="state"
        label="State"
        options={[
          { value: "", label: "Choose" },
          { value: "WI", label: "Wisconsin" },
        ]}
      />
      <DateField form={form} name="expires" label="Expires" />
      <TextAreaField form={form} name="note" label="Note" optional />
      <CheckboxField form={form} name="agreed" label="I have checked it" />
      <FormActions form={form} action="Save registration" onCancel={() => undefined} />
    </Form>
  );
}

async function filled(save: () => Promise<unknown>) {
  const view = await show(<Example save={save} />);
  await view.user.type(screen.getByLabelText("Number"), "AB1234567");
  await view.user.selectOptions(screen.getByLabelText("State"), "WI");
  await view.user.type(screen.getByLabelText("Expires"), "2027-01-31");
  await view.user.click(screen.getByLabelText("I have checked it"));
  return view;
}

const submit = () => screen.getByRole("button", { name: "Save registration" });

describe("a form", () => {
  test("names, describes and marks its fields", async () => {
    const { container, user } = await show(<Example save={() => Promise.resolve()} />);
    expect(screen.getByLabelText("Number")).toHaveAccessibleDescription("Two letters and seven digits");
    await user.click(submit());
    const number = await screen.findByLabelText("Number");
    expect(number).toBeInvalid();
    expect(number).toHaveAccessibleDescription("Two letters and seven digits At least two characters");
    expect(number).toHaveFocus();
    expect(screen.getByText("Confirm this")).toBeVisible();
    await expectAccessible(container);
  });

  test("checks a field when it is left, not before", async () => {
    const { user } = await show(<Example save={() => Promise.resolve()} />);
    await user.type(screen.getByLabelText("Number"), "A");
    expect(screen.queryByText("At least two characters")).toBeNull();
    await user.tab();
    expect(await screen.findByText("At least two characters")).toBeVisible();
  });

  test("submits what the schema made of it", async () => {
    const save = vi.fn(() => Promise.resolve());
    const { user } = await filled(save);
    await user.click(submit());
    expect(save).toHaveBeenCalledWith({
      number: "AB1234567",
      state: "WI",
      expires: "2027-01-31",
      note: "",
      agreed: true,
    });
  });

  test("shows a refusal at its field and the rest above, and keeps what was typed", async () => {
    const errors = [
      { field: "registration.number", rule: "dea_check_digit", message: "the check digit is wrong" },
      { field: "registration.expirationDate", rule: "future", message: "must be in the future" },
      { field: "etag", rule: "current", message: "has changed" },
    ];
    const { user } = await filled(() =>
      Promise.reject(new ApiProblem({ status: 400, reason: "VALUE_INVALID", title: "x", requestId: "01a2", errors })),
    );
    await user.click(submit());
    expect(await screen.findByText("the check digit is wrong")).toBeVisible();
    expect(screen.getByLabelText("Number")).toHaveFocus();
    expect(screen.getByLabelText("Expires")).toHaveAccessibleDescription("must be in the future");
    expect(screen.getByRole("alert")).toHaveTextContent("etag: has changed");
    expect(screen.getByRole("alert")).toHaveTextContent("01a2");
    expect(screen.getByLabelText("Number")).toHaveValue("AB1234567");
  });
});
