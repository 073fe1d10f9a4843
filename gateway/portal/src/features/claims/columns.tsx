import { Link } from "@tanstack/react-router";
import { formatDate } from "@/time";
import { linkClass, type Column } from "@/ui";
import { Age, FirstPayer, Hcpcs, MissingShort, NoBillShort, StateBadge, Trip } from "./parts";
import type { ClaimSearch } from "./search";
import { miles, type Claim } from "./words";

/** The columns of a list of claims; what a no-bill has none of is left out where only no-bills are listed. */
export function claimColumns(
  agencyOf: ((id: string) => string) | null,
  state: NonNullable<ClaimSearch["state"]>,
): Column<Claim>[] {
  const bills = state !== "no_bill";
  return [
    {
      id: "service",
      header: "Date of service",
      rowHeader: true,
      cell: (c) => (
        <Link
          to="/billing/claims/$claimId"
          params={{ claimId: c.id ?? "" }}
          className={`${linkClass} whitespace-nowrap tabular-nums`}
        >
          {c.serviceDate ? formatDate(c.serviceDate) : "Without a date"}
        </Link>
      ),
    },
    ...(agencyOf ? [{ id: "agency", header: "Agency", cell: (c: Claim) => agencyOf(c.agencyId ?? "") }] : []),
    ...(state === "any" ? [{ id: "state", header: "State", cell: (c: Claim) => <StateBadge state={c.state} /> }] : []),
    ...(bills ? billed(state) : []),
    ...(state === "no_bill" || state === "any"
      ? [
          {
            id: "noBill",
            header: "Why nothing is billed",
            cell: (c: Claim) => <NoBillShort of={c} />,
          },
        ]
      : []),
    { id: "age", header: "Age", align: "end", cell: (c) => <Age of={c} /> },
  ];
}

function billed(state: ClaimSearch["state"]): Column<Claim>[] {
  return [
    {
      id: "level",
      header: "Level of service",
      cell: (c) => <Hcpcs code={c.levelOfService?.hcpcs} name={c.levelOfService?.name} />,
    },
    { id: "trip", header: "From, to", cell: (c) => <Trip modifier={c.originDestinationModifier} /> },
    {
      id: "miles",
      header: "Miles",
      align: "end",
      cell: (c) => miles(c.mileage?.milesTenths) || <span className="text-faint">—</span>,
    },
    { id: "payer", header: "Payer", minor: true, cell: (c) => <FirstPayer of={c} /> },
    ...(state === "ready" ? [] : [{ id: "missing", header: "Missing", cell: (c: Claim) => <MissingShort of={c} /> }]),
  ];
}
