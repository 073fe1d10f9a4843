import { Ban, CircleSlash } from "lucide-react";
import { say, type Fact, type Vocabulary } from "./fact";

/**
 * What a chart says at one element. A not value and a pertinent negative look like what they are, by shape and word: neither is a
 * value, and neither is nothing.
 */
export function FactText({
  fact,
  as = "code",
  unit,
  element,
}: {
  fact: Fact | undefined;
  as?: Vocabulary;
  unit?: string;
  element?: string;
}) {
  const said = say(fact, as);
  switch (said.kind) {
    case "value":
      return (
        <span title={element}>
          {said.text}
          {unit ? <span className="text-faint"> {unit}</span> : null}
          {said.code ? <Code>{said.code}</Code> : null}
        </span>
      );
    case "notValue":
      return (
        <span title={element} className="inline-flex items-baseline gap-1 text-muted italic">
          <CircleSlash aria-hidden="true" className="size-3 shrink-0 self-center" />
          {said.text}
        </span>
      );
    case "negative":
      return (
        <span title={element} className="inline-flex items-baseline gap-1 text-warning-text">
          <Ban aria-hidden="true" className="size-3 shrink-0 self-center" />
          <span>
            <span className="sr-only">Pertinent negative: </span>
            {said.text}
            {said.code ? <Code>{said.code}</Code> : null}
          </span>
        </span>
      );
    default:
      return (
        <span title={element} className="text-faint">
          <span aria-hidden="true">—</span>
          <span className="sr-only">{said.text}</span>
        </span>
      );
  }
}

function Code({ children }: { children: string }) {
  return <span className="ms-1.5 text-xs whitespace-nowrap text-faint">{children}</span>;
}

/** Several values of one element, one below the other. */
export function FactList({ facts, as }: { facts: readonly Fact[] | undefined; as?: Vocabulary }) {
  if (!facts?.length) return <FactText fact={undefined} />;
  return (
    <ul className="flex flex-col gap-0.5">
      {facts.map((fact, i) => (
        <li key={i}>
          <FactText fact={fact} {...(as ? { as } : {})} />
        </li>
      ))}
    </ul>
  );
}
