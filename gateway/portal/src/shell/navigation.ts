import {
  Boxes,
  Building2,
  ClipboardCheck,
  FileBarChart2,
  FileHeart,
  Gavel,
  House,
  Landmark,
  ReceiptText,
  ScrollText,
  ShieldCheck,
  Upload,
  Users,
  type LucideIcon,
} from "lucide-react";
import type { AgencyChoice } from "@/api";
import { mayCross, mayEver, type Me, type OperationId } from "@/permissions";

export interface Entry {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** The page cannot do without any of them. */
  readonly needs: readonly OperationId[];
  /** For those who look across agencies. */
  readonly audience?: "founder";
  /** Words besides the label by which the search finds the page. */
  readonly words?: string;
}

export interface Group {
  readonly label: string;
  readonly entries: readonly Entry[];
}

/** Every place that the sidebar leads to. Who sees which follows from the permissions of the operations that its page needs. */
export const navigation: readonly Group[] = [
  {
    label: "Overview",
    entries: [
      {
        path: "/founder",
        label: "Platform",
        icon: Building2,
        needs: ["AgencyService_ListAgencies"],
        audience: "founder",
        words: "founder home agencies tiles",
      },
      {
        path: "/home",
        label: "Home",
        icon: House,
        needs: ["MeService_GetMe"],
        words: "agency dashboard overview",
      },
    ],
  },
  {
    label: "Operations",
    entries: [
      {
        path: "/charts",
        label: "Charts",
        icon: FileHeart,
        needs: ["ChartService_ListCharts"],
        words: "epcr pcr nemsis patient care report",
      },
      {
        path: "/charts/import",
        label: "Import charts",
        icon: Upload,
        needs: ["ChartService_ImportCharts"],
        words: "nemsis xml upload",
      },
    ],
  },
  {
    label: "Quality",
    entries: [
      {
        path: "/qa/cases",
        label: "QA cases",
        icon: ClipboardCheck,
        needs: ["CaseService_ListCases"],
        words: "quality review trigger queue",
      },
    ],
  },
  {
    label: "Revenue",
    entries: [
      {
        path: "/billing/claims",
        label: "Claims",
        icon: ReceiptText,
        needs: ["ClaimService_ListClaims"],
        words: "billing worklist payer level of service",
      },
    ],
  },
  {
    label: "Insight",
    entries: [
      {
        path: "/reports",
        label: "Reports",
        icon: FileBarChart2,
        needs: ["ReportService_ListTemplates", "ReportService_ListExecutions"],
        words: "response times volume export analytics",
      },
    ],
  },
  {
    label: "Compliance",
    entries: [
      {
        path: "/dea",
        label: "DEA",
        icon: ShieldCheck,
        needs: ["DeaService_GetDeaNotice"],
        words: "controlled substances registration expiration",
      },
      {
        path: "/cms",
        label: "CMS",
        icon: Landmark,
        needs: ["CmsService_GetCmsNotice"],
        words: "medicare enrollment npi ptan revalidation pecos",
      },
    ],
  },
  {
    label: "Governance",
    entries: [
      {
        path: "/audit",
        label: "Audit",
        icon: ScrollText,
        needs: ["EventService_ListEvents"],
        words: "evidence log proof checkpoint",
      },
      {
        path: "/governance",
        label: "Policies",
        icon: Gavel,
        needs: ["PolicyService_ListPolicies"],
        words: "governance versions thresholds",
      },
      {
        path: "/modules",
        label: "Modules",
        icon: Boxes,
        needs: ["ModuleService_ListModules"],
        words: "switch features registry",
      },
      {
        path: "/people",
        label: "People",
        icon: Users,
        needs: ["PersonService_ListPeople"],
        words: "users directory roles",
      },
    ],
  },
];

/** The workspaces behind the buttons of the header. */
export const workspaces = [
  { workspace: "dea", path: "/dea", label: "DEA", icon: ShieldCheck, needs: "DeaService_GetDeaNotice" },
  { workspace: "cms", path: "/cms", label: "CMS", icon: Landmark, needs: "CmsService_GetCmsNotice" },
] as const satisfies readonly {
  workspace: string;
  path: string;
  label: string;
  icon: LucideIcon;
  needs: OperationId;
}[];

/** What the caller sees of it. */
export function navigationFor(me: Me, choice: AgencyChoice): Group[] {
  const shown = (entry: Entry) =>
    (entry.audience === undefined || mayCross(me)) && entry.needs.every((id) => mayEver(id, me, choice));
  return navigation
    .map((group) => ({ ...group, entries: group.entries.filter(shown) }))
    .filter((group) => group.entries.length > 0);
}
