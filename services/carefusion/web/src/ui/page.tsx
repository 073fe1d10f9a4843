import { useEffect, useId, type ReactNode } from "react";

/** One page: its heading, and the title of the window, which never names a person. */
export function Page({ title, lead, aside, children }: { title: string; lead?: string; aside?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · CareFusion`;
  }, [title]);
  return (
    <>
      <header className="head">
        <div className="stack tight">
          <h1>{title}</h1>
          {lead ? <p className="lead">{lead}</p> : null}
        </div>
        {aside}
      </header>
      {children}
    </>
  );
}

export function Card({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <div className="row apart">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Badge({ kind, children }: { kind?: "good" | "warn" | "bad" | "live" | undefined; children: ReactNode }) {
  return <span className={`badge ${kind ?? ""}`}>{children}</span>;
}
