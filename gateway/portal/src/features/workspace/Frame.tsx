import { Link, useLocation } from "@tanstack/react-router";
import { Download, ExternalLink as ExternalIcon } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { FieldValues } from "react-hook-form";
import { useCan, type OperationId } from "@/permissions";
import { isoDay, useZone } from "@/time";
import { Button, ExternalLink, Page, toast, toastError, useStrip } from "@/ui";
import { sites } from "./links";
import type { Head, Workspace } from "./model";

/** Path of a page of a workspace, as the router takes it. */
export const pathIn = (ws: { name: string }, rest = "") => `/${ws.name}${rest}` as never;

/** The frame of every page of a workspace: its pages side by side and the sites of the authorities. */
export function Frame<R extends Head, V extends FieldValues>({
  ws,
  title,
  lead,
  actions,
  children,
}: {
  ws: Workspace<R, V>;
  title: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Page eyebrow={`${ws.name.toUpperCase()} workspace`} title={title} lead={lead} actions={actions}>
      <div className="no-print -mt-2 flex flex-wrap-reverse items-center justify-between gap-x-6 border-b border-line">
        <Pages ws={ws} />
        <Sites ws={ws} />
      </div>
      {children}
    </Page>
  );
}

function Pages<R extends Head, V extends FieldValues>({ ws }: { ws: Workspace<R, V> }) {
  const strip = useStrip<HTMLElement>(useLocation().pathname);
  return (
    <nav ref={strip} aria-label={`${ws.name.toUpperCase()} workspace`} className="strip max-w-full">
      <ul className="flex gap-1">
        <PageLink ws={ws} path="" label={capital(ws.many)} exact />
        <PageLink ws={ws} path="/alerts" label="Alerts" />
        {ws.tabs.map((tab) => (
          <PageLink key={tab.path} ws={ws} path={tab.path} label={tab.label} needs={tab.needs} />
        ))}
        <PageLink ws={ws} path="/notes" label="Notes" />
        <PageLink ws={ws} path="/audit-log" label="Audit log" needs={ws.can.log} />
      </ul>
    </nav>
  );
}

const tab =
  "-mb-px inline-flex min-h-10 items-center border-b-2 border-transparent px-3 text-sm whitespace-nowrap text-muted hover:text-text " +
  "focus-visible:-outline-offset-2 aria-[current=page]:border-accent aria-[current=page]:font-semibold aria-[current=page]:text-text";

interface PageLinkProps {
  readonly ws: { readonly name: string };
  readonly path: string;
  readonly label: string;
  readonly exact?: boolean;
}

function PageLink({ needs, ...props }: PageLinkProps & { needs?: OperationId }) {
  return needs ? <Permitted needs={needs} {...props} /> : <PlainPageLink {...props} />;
}

function Permitted({ needs, ...props }: PageLinkProps & { needs: OperationId }) {
  return useCan(needs) ? <PlainPageLink {...props} /> : null;
}

function PlainPageLink({ ws, path, label, exact = false }: PageLinkProps) {
  return (
    <li>
      <Link to={pathIn(ws, path)} search={keepAgency} className={tab} activeOptions={{ exact, includeSearch: false }}>
        {label}
      </Link>
    </li>
  );
}

/** Another page starts without the filters of this one; the agency of a founder stays. */
export const keepAgency = ((old: { agency?: string }) => (old.agency ? { agency: old.agency } : {})) as never;

function Sites({ ws }: { ws: { name: "dea" | "cms" } }) {
  return (
    <ul aria-label="Sites of the authorities" className="flex min-h-9 flex-wrap items-center gap-x-5 text-sm">
      {sites[ws.name].map((site) => (
        <li key={site.href} title={site.purpose}>
          <ExternalLink href={site.href}>
            {site.label} <ExternalIcon aria-hidden="true" className="inline size-3.5 align-[-2px]" />
          </ExternalLink>
        </li>
      ))}
    </ul>
  );
}

/** Saves the archive of all records. */
export function ExportButton<R extends Head, V extends FieldValues>({ ws }: { ws: Workspace<R, V> }) {
  const [pending, setPending] = useState(false);
  const zone = useZone();
  if (!useCan(ws.can.export)) return null;
  const save = async () => {
    setPending(true);
    try {
      const address = URL.createObjectURL(await ws.api.export());
      const link = document.createElement("a");
      link.href = address;
      link.download = `${ws.name}-${isoDay(new Date(), zone)}.zip`;
      link.click();
      // The browser reads the address when it starts to save, which is after this.
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      toast(
        "success",
        "The export is saved.",
        "CSV, XLSX and a manifest with hashes and the checkpoint of the audit log.",
      );
    } catch (error) {
      toastError(error);
    } finally {
      setPending(false);
    }
  };
  return (
    <Button pending={pending} icon={<Download aria-hidden="true" className="size-4" />} onClick={() => void save()}>
      Export
    </Button>
  );
}

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
