import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useStore } from "@/api/store";
import { Dialog } from "@/ui";
import { panel } from "./panel";
import { useNavigation } from "./Sidebar";

/** Finds pages by name. */
export function SearchDialog() {
  const open = useStore(panel) === "search";
  const close = () => panel.set("none");
  return (
    <Dialog open={open} onClose={close} title="Search">
      {open ? <Results onDone={close} /> : null}
    </Dialog>
  );
}

function Results({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState("");
  const router = useRouter();
  const entries = useNavigation().flatMap((group) => group.entries);
  const needle = text.trim().toLowerCase();
  const found = entries.filter((e) => `${e.label} ${e.words ?? ""}`.toLowerCase().includes(needle));
  return (
    <div className="flex flex-col gap-3">
      <input
        type="search"
        className="control"
        aria-label="Search pages"
        autoComplete="off"
        value={text}
        onChange={(e) => setText(e.target.value)}
      />
      <ul className="flex flex-col gap-0.5">
        {found.map(({ path, label, icon: Icon }) => (
          <li key={path}>
            <button
              type="button"
              className="flex min-h-9 w-full items-center gap-2.5 rounded-control px-2.5 text-start hover:bg-hover"
              onClick={() => {
                onDone();
                void router.navigate({ to: path as never });
              }}
            >
              <Icon aria-hidden="true" className="size-4 text-muted" />
              {label}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
