/** The mark and the name. */
export function Brand({ narrow = false }: { narrow?: boolean }) {
  return (
    <span className="flex items-center gap-2.5">
      <svg viewBox="0 0 32 32" aria-hidden="true" className="size-7 shrink-0">
        <path d="M5 3h20v5.6H11v4.8h11v5.2H11V29H5z" fill="var(--accent)" />
        <path d="M22 23h6v6h-6z" fill="var(--danger)" />
      </svg>
      {narrow ? null : (
        <span className="font-display leading-5 font-bold">
          FusionEMS <span className="font-medium text-muted">Quantum</span>
        </span>
      )}
    </span>
  );
}
