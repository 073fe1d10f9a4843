import { Link } from "@tanstack/react-router";
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useAgencyChoice } from "@/api";
import { useMe } from "@/permissions";
import { classes, Dialog, IconButton } from "@/ui";
import { Brand } from "./Brand";
import { navigationFor, type Group } from "./navigation";

export function useNavigation(): Group[] {
  const me = useMe();
  const choice = useAgencyChoice();
  return navigationFor(me, choice);
}

/** From 1024 px on: always there, wide or narrow. */
export function Sidebar({ narrow, onNarrow }: { narrow: boolean; onNarrow: (narrow: boolean) => void }) {
  return (
    <aside
      data-shell="sidebar"
      className={classes(
        "sticky top-0 hidden h-dvh flex-col border-r border-line bg-surface lg:flex",
        narrow ? "w-(--sidebar-narrow)" : "w-(--sidebar)",
      )}
    >
      <div className="flex h-(--topbar) shrink-0 items-center border-b border-line px-4">
        <Link to="/" aria-label="FusionEMS Quantum, home">
          <Brand narrow={narrow} />
        </Link>
      </div>
      <Entries narrow={narrow} />
      <div className={classes("flex border-t border-line p-2", narrow ? "justify-center" : "justify-end")}>
        <IconButton
          label={narrow ? "Widen sidebar" : "Narrow sidebar"}
          aria-expanded={!narrow}
          onClick={() => onNarrow(!narrow)}
        >
          {narrow ? (
            <PanelLeftOpen aria-hidden="true" className="size-4" />
          ) : (
            <PanelLeftClose aria-hidden="true" className="size-4" />
          )}
        </IconButton>
      </div>
    </aside>
  );
}

/** Below 1024 px: behind the menu button. */
export function Drawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={<Brand />} place="left" size="small">
      <div className="-mx-5 -my-4">
        <Entries narrow={false} onFollow={onClose} />
      </div>
    </Dialog>
  );
}

function Entries({ narrow, onFollow }: { narrow: boolean; onFollow?: () => void }) {
  const groups = useNavigation();
  return (
    <nav aria-label="Main" className="min-h-0 flex-1 overflow-y-auto px-3 py-4">
      {groups.map((group) => (
        <div key={group.label} className="mb-3 last:mb-0">
          {narrow ? (
            <div className="mx-2 mb-2 h-px bg-line first:hidden" />
          ) : (
            <p className="mb-1 px-2.5 text-2xs tracking-wide text-faint">{group.label}</p>
          )}
          <ul className="flex flex-col gap-0.5">
            {group.entries.map(({ path, label, icon: Icon }) => (
              <li key={path}>
                <Link
                  to={path as never}
                  activeOptions={{
                    exact: groups.some((g) => g.entries.some((e) => e.path.startsWith(`${path}/`))),
                    includeSearch: false,
                  }}
                  {...(onFollow ? { onClick: onFollow } : {})}
                  title={narrow ? label : undefined}
                  className={classes(
                    "relative flex min-h-8 items-center gap-2.5 rounded-control px-2.5 text-muted transition-colors hover:bg-hover hover:text-text",
                    "aria-[current=page]:bg-accent-tint aria-[current=page]:font-semibold aria-[current=page]:text-text",
                    "aria-[current=page]:before:absolute aria-[current=page]:before:inset-y-1.5 aria-[current=page]:before:-left-3 aria-[current=page]:before:w-[3px] aria-[current=page]:before:bg-accent",
                    narrow && "justify-center",
                  )}
                >
                  <Icon aria-hidden="true" className="size-4 shrink-0" />
                  <span className={narrow ? "sr-only" : "truncate"}>{label}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
