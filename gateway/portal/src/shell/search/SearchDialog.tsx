import { useQueries } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Search, type LucideIcon } from "lucide-react";
import { useEffect, useId, useState, type KeyboardEvent } from "react";
import { explain, useAgencyChoice } from "@/api";
import { useStore } from "@/api/store";
import { judge, useMe } from "@/permissions";
import { useZone } from "@/time";
import { Dialog, classes } from "@/ui";
import { panel } from "../panel";
import { useNavigation } from "../Sidebar";
import { hitsQuery, sources, type Hit } from "./sources";

/** Finds pages, records and agencies: what the caller may see, and nothing is kept of it. */
export function SearchDialog() {
  const open = useStore(panel) === "search";
  const close = () => panel.set("none");
  return (
    <Dialog open={open} onClose={close} title="Search">
      {open ? <SearchBox onDone={close} /> : null}
    </Dialog>
  );
}

interface Found extends Hit {
  readonly icon?: LucideIcon;
}

interface FoundGroup {
  readonly label: string;
  readonly hits: readonly Found[];
  readonly problem?: string;
}

const shortest = 2;
const pauseMs = 350;

function SearchBox({ onDone }: { onDone: () => void }) {
  const id = useId();
  const router = useRouter();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const { groups, pending } = useFound(text.trim());
  const hits = groups.flatMap((group) => group.hits.map((hit) => ({ ...hit, key: `${group.label} ${hit.id}` })));
  const current = hits[Math.min(active, hits.length - 1)];
  const follow = (path: string) => {
    onDone();
    void router.navigate({ href: path.includes("?") ? path : keepAgency(path, router.state.location.search) });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && current) follow(current.path);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((a) => (Math.min(a, hits.length - 1) + step + hits.length) % Math.max(1, hits.length));
    } else return;
    event.preventDefault();
  };
  return (
    <div className="flex flex-col gap-3">
      <div className="relative">
        <Search aria-hidden="true" className="absolute top-2.5 left-3 size-4 text-faint" />
        <input
          role="combobox"
          aria-label="Search pages, charts, cases and records"
          aria-expanded={hits.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={current ? `${id}-${current.key}` : undefined}
          autoComplete="off"
          spellCheck={false}
          maxLength={64}
          placeholder="Page, PCR or incident number, registrant, login"
          className="control pl-9"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKey}
        />
      </div>
      <p role="status" className="sr-only">
        {pending ? "Searching" : `${hits.length} found`}
      </p>
      <div id={`${id}-list`} role="listbox" aria-label="Found" className="flex min-h-64 flex-col gap-3">
        {groups.map((group) => (
          <FoundList key={group.label} id={id} group={group} current={current?.key} onFollow={follow} />
        ))}
      </div>
      <p className="min-h-5 border-t border-line pt-3 text-xs text-faint">
        {pending
          ? "Searching…"
          : text.trim().length < shortest
            ? "Charts and cases are found by the beginning of their number, from two characters on."
            : hits.length === 0
              ? "Nothing found. Numbers are found by their beginning, names by any part."
              : "↑ ↓ to move, Enter to open"}
      </p>
    </div>
  );
}

/** A link to another page keeps the agency that is worked for. */
function keepAgency(path: string, search: object): string {
  const agency = (search as { agency?: unknown }).agency;
  return typeof agency === "string" ? `${path}?agency=${agency}` : path;
}

function FoundList({
  id,
  group,
  current,
  onFollow,
}: {
  id: string;
  group: FoundGroup;
  current: string | undefined;
  onFollow: (path: string) => void;
}) {
  if (group.problem) {
    return (
      <p className="text-xs text-faint">
        {group.label}: {group.problem}
      </p>
    );
  }
  return (
    <div role="group" aria-label={group.label}>
      <p className="mb-1 px-2 text-2xs tracking-wide text-faint">{group.label}</p>
      {group.hits.map(({ icon: Icon, ...hit }) => {
        const key = `${group.label} ${hit.id}`;
        return (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are the combobox's
          <div
            key={key}
            id={`${id}-${key}`}
            role="option"
            tabIndex={-1}
            aria-selected={key === current}
            onClick={() => onFollow(hit.path)}
            className={classes(
              "flex min-h-9 cursor-pointer items-center gap-2.5 rounded-control px-2 hover:bg-hover",
              key === current && "bg-accent-tint",
            )}
          >
            {Icon ? <Icon aria-hidden="true" className="size-4 shrink-0 text-muted" /> : null}
            <span className="truncate font-medium">{hit.title}</span>
            <span className="min-w-0 flex-1 truncate text-end text-xs text-faint">{hit.note}</span>
          </div>
        );
      })}
    </div>
  );
}

function usePaused(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function useFound(text: string): { groups: FoundGroup[]; pending: boolean } {
  const me = useMe();
  const choice = useAgencyChoice();
  const zone = useZone();
  const settled = usePaused(text);
  const pages = usePages(text);
  const asked = settled.length >= shortest && settled === text;
  const mine = sources.filter((source) => judge(source.needs, me, choice).allowed);
  const results = useQueries({
    queries: mine.map((source) => ({ ...hitsQuery(source, settled, zone), enabled: asked })),
  });
  const groups: FoundGroup[] = [{ label: "Pages", hits: pages }];
  if (asked) {
    mine.forEach((source, i) => {
      const result = results[i];
      if (result?.error) groups.push({ label: source.label, hits: [], problem: explain(result.error).title });
      else groups.push({ label: source.label, hits: result?.data ?? [] });
    });
  }
  return {
    groups: groups.filter((group) => group.hits.length > 0 || group.problem),
    pending: text.length >= shortest && mine.length > 0 && (!asked || results.some((r) => r.isFetching)),
  };
}

function usePages(text: string): Found[] {
  const needle = text.toLowerCase();
  return useNavigation()
    .flatMap((group) => group.entries.map((entry) => ({ entry, group: group.label })))
    .filter(({ entry }) => `${entry.label} ${entry.words ?? ""}`.toLowerCase().includes(needle))
    .map(({ entry, group }) => ({
      id: entry.path,
      title: entry.label,
      note: group,
      path: entry.path,
      icon: entry.icon,
    }));
}
