import { Link } from "@tanstack/react-router";
import { Bell as BellIcon } from "lucide-react";
import { useState } from "react";
import { Dialog, EmptyState, IconButton, StatusBadge } from "@/ui";
import { useNotifications, type Notification } from "./notifications";
import { lastSeen, markSeen } from "./seen";

/** What waits for the caller. New is what came up since the bell was last opened in this browser. */
export function Bell() {
  const [open, setOpen] = useState(false);
  const [seen, setSeen] = useState(lastSeen);
  const all = useNotifications();
  const fresh = all.filter((n) => n.since > seen).length;
  const close = () => {
    setOpen(false);
    markSeen();
    setSeen(lastSeen());
  };
  return (
    <>
      <IconButton
        label={fresh > 0 ? `Notifications, ${fresh} new` : "Notifications"}
        aria-haspopup="dialog"
        className="relative"
        onClick={() => setOpen(true)}
      >
        <BellIcon aria-hidden="true" className="size-5" />
        {fresh > 0 ? (
          <span
            aria-hidden="true"
            className="absolute top-0.5 right-0.5 min-w-4 rounded-full bg-accent px-1 text-center text-2xs leading-4 font-bold text-on-accent"
          >
            {fresh > 9 ? "9+" : fresh}
          </span>
        ) : null}
      </IconButton>
      <Dialog open={open} onClose={close} title="Notifications" place="right" size="small">
        {all.length === 0 ? (
          <EmptyState title="Nothing waits for you">
            High-priority cases and alerts of the workspaces that you may open appear here.
          </EmptyState>
        ) : (
          <ul className="-mx-5 -mt-4">
            {all.map((item) => (
              <Entry key={item.key} item={item} isNew={item.since > seen} onFollow={close} />
            ))}
          </ul>
        )}
      </Dialog>
    </>
  );
}

function Entry({ item, isNew, onFollow }: { item: Notification; isNew: boolean; onFollow: () => void }) {
  return (
    <li className="border-b border-line">
      <Link
        to={item.to as never}
        search={
          ((old: { agency?: string }) => ({ ...(old.agency ? { agency: old.agency } : {}), ...item.search })) as never
        }
        onClick={onFollow}
        className="flex flex-col items-start gap-1 px-5 py-3 hover:bg-hover focus-visible:-outline-offset-2"
      >
        <span className="flex w-full items-center justify-between gap-3">
          <StatusBadge tone={item.tone}>{item.mark}</StatusBadge>
          {isNew ? <span className="text-xs font-semibold text-accent-text">New</span> : null}
        </span>
        <span className="font-medium">{item.title}</span>
        <span className="text-xs text-faint">{item.note}</span>
      </Link>
    </li>
  );
}
