import { useState } from "react";
import type { FieldValues } from "react-hook-form";
import { Button, Dialog, StatusBadge } from "@/ui";
import { foreignChanges, merged } from "./merge";
import type { Fact, Head, Workspace } from "./model";

interface Props<R extends Head, V extends FieldValues> {
  readonly ws: Workspace<R, V>;
  /** The record as it was when the person began, their own values, and the record as it is stored now. */
  readonly base: R;
  readonly mine: V;
  readonly theirs: R;
  readonly onCancel: () => void;
  readonly onDecide: (values: V) => void;
}

/** Somebody else saved the record first: shows what they changed and lets the person decide where both changed the same. */
export function Conflict<R extends Head, V extends FieldValues>({
  ws,
  base,
  mine,
  theirs,
  onCancel,
  onDecide,
}: Props<R, V>) {
  const baseValues = ws.form.valuesOf(base);
  const theirValues = ws.form.valuesOf(theirs);
  const foreign = foreignChanges(baseValues, mine, theirValues);
  const [keep, setKeep] = useState<ReadonlySet<string>>(new Set());
  const facts = {
    base: byField(ws.facts(base)),
    mine: byField(ws.facts(ws.form.recordOf(mine))),
    theirs: byField(ws.facts(theirs)),
  };
  const decide = (field: string, own: boolean) => {
    const next = new Set(keep);
    if (own) next.add(field);
    else next.delete(field);
    setKeep(next);
  };
  return (
    <Dialog
      open
      insist
      size="large"
      onClose={onCancel}
      title={`Somebody changed this ${ws.one} while you were editing`}
      footer={
        <>
          <Button onClick={onCancel}>Go on editing</Button>
          <Button look="primary" onClick={() => onDecide(merged(baseValues, mine, theirValues, keep))}>
            Save with these decisions
          </Button>
        </>
      }
    >
      <p className="mb-4 text-muted">
        Nothing of yours is saved yet. Decide for each field that both of you changed; the rest of both changes is kept.
      </p>
      <ul className="flex flex-col gap-3">
        {foreign.map(({ field, contested }) => {
          const fact = (of: Map<string, Fact>) => of.get(field)?.text || "—";
          const label = facts.theirs.get(field)?.label ?? field;
          return (
            <li key={field} className="rounded-card border border-line p-3">
              <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
                <h3 className="text-sm font-semibold">{label}</h3>
                <StatusBadge tone={contested ? "warning" : "neutral"}>
                  {contested ? "Both changed it" : "Changed by them"}
                </StatusBadge>
              </div>
              <p className="mb-2 text-xs text-faint">Before: {fact(facts.base)}</p>
              {contested ? (
                <fieldset className="grid gap-2 sm:grid-cols-2">
                  <legend className="sr-only">{label}</legend>
                  <Choice
                    name={field}
                    label="Theirs"
                    text={fact(facts.theirs)}
                    chosen={!keep.has(field)}
                    onChoose={() => decide(field, false)}
                  />
                  <Choice
                    name={field}
                    label="Yours"
                    text={fact(facts.mine)}
                    chosen={keep.has(field)}
                    onChoose={() => decide(field, true)}
                  />
                </fieldset>
              ) : (
                <p className="text-sm">Now: {fact(facts.theirs)}</p>
              )}
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}

const byField = (facts: readonly Fact[]) => new Map(facts.map((fact) => [fact.field, fact]));

function Choice({
  name,
  label,
  text,
  chosen,
  onChoose,
}: {
  name: string;
  label: string;
  text: string;
  chosen: boolean;
  onChoose: () => void;
}) {
  return (
    // eslint-disable-next-line jsx-a11y/label-has-associated-control -- the words are two levels down, deeper than the rule looks
    <label className="flex cursor-pointer items-start gap-2.5 rounded-control border border-line bg-raised p-2.5 text-sm has-checked:border-accent">
      <input
        type="radio"
        name={`conflict-${name}`}
        checked={chosen}
        onChange={onChoose}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <span className="min-w-0">
        <span className="block text-xs text-faint">{label}</span>
        <span className="break-words">{text}</span>
      </span>
    </label>
  );
}
