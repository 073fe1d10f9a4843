import { Link } from "@tanstack/react-router";
import { CircleHelp, Menu as MenuIcon, Search } from "lucide-react";
import { useAgencyChoice } from "@/api";
import { mayEver, useMe } from "@/permissions";
import { IconButton } from "@/ui";
import { AgencySwitcher } from "./AgencySwitcher";
import { Bell } from "./Bell";
import { HealthIndicator } from "./HealthIndicator";
import { workspaces } from "./navigation";
import { panel } from "./panel";
import { UserMenu } from "./UserMenu";

export function TopBar({ onMenu }: { onMenu: () => void }) {
  return (
    <header data-shell="topbar" className="sticky top-0 z-30 shrink-0 border-b border-line bg-surface">
      <div className="mx-auto flex h-[calc(var(--topbar)-1px)] max-w-(--content) items-center gap-1 px-3 sm:gap-2 sm:px-6 lg:px-8">
        <IconButton label="Open navigation" className="lg:hidden" onClick={onMenu}>
          <MenuIcon aria-hidden="true" className="size-5" />
        </IconButton>
        <SearchButton />
        <div className="flex-1" />
        <WorkspaceButtons />
        <AgencySwitcher />
        <HealthIndicator />
        <Bell />
        <IconButton label="Help on this page" onClick={() => panel.set("help")}>
          <CircleHelp aria-hidden="true" className="size-5" />
        </IconButton>
        <UserMenu />
      </div>
    </header>
  );
}

function SearchButton() {
  return (
    <button
      type="button"
      aria-label="Search"
      aria-keyshortcuts="Control+K Meta+K"
      onClick={() => panel.set("search")}
      className="flex size-9 items-center justify-center gap-2 rounded-control text-muted hover:bg-hover hover:text-text md:h-9 md:w-72 md:justify-start md:border md:border-line-strong md:bg-ground md:px-3"
    >
      <Search aria-hidden="true" className="size-5 shrink-0 md:size-4" />
      <span className="hidden flex-1 text-start text-faint md:block">Search</span>
      {/* The shortcut is said by aria-keyshortcuts. As generated content it is no text of the button, whose name is what it reads. */}
      <kbd
        aria-hidden="true"
        data-keys="Ctrl K"
        className="hidden rounded border border-line-strong px-1.5 font-sans text-2xs text-faint before:content-[attr(data-keys)] md:block"
      />
    </button>
  );
}

/** DEA and CMS, for those whose work they are. */
function WorkspaceButtons() {
  const me = useMe();
  const choice = useAgencyChoice();
  const shown = workspaces.filter((w) => mayEver(w.needs, me, choice));
  return shown.map(({ path, label, icon: Icon }) => (
    <Link
      key={path}
      to={path as never}
      className="hidden h-9 items-center gap-2 rounded-control border border-line-strong px-3 font-medium text-muted transition-colors hover:bg-hover hover:text-text aria-[current=page]:border-accent aria-[current=page]:text-text sm:inline-flex"
    >
      <Icon aria-hidden="true" className="size-4" />
      {label}
    </Link>
  ));
}
