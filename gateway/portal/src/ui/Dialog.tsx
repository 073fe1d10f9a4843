import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { Button, IconButton } from "./Button";
import { classes } from "./classes";

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: ReactNode;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  /** Where it stands: in the middle, or along the right edge. */
  readonly place?: "center" | "right" | "left";
  readonly size?: "small" | "medium" | "large";
  /** Something that needs an answer: no close button, and Escape does nothing. */
  readonly insist?: boolean;
}

const places = {
  center: "m-auto max-h-[calc(100dvh-2rem)] w-[calc(100%-2rem)] rounded-card border",
  right: "my-0 mr-0 ml-auto h-dvh max-h-dvh w-full border-l",
  left: "my-0 ml-0 mr-auto h-dvh max-h-dvh w-full border-r",
};

const sizes = { small: "max-w-md", medium: "max-w-xl", large: "max-w-4xl" };

/**
 * A modal dialog on the browser's own <dialog>: it keeps the focus inside, makes the rest inert and gives the focus back, without
 * a style element that the content security policy would refuse.
 */
export function Dialog({
  open,
  onClose,
  title,
  children,
  footer,
  place = "center",
  size = "medium",
  insist = false,
}: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    if (open && !dialog.open) {
      dialog.showModal();
      // By itself the browser picks the close button. A field to fill in is better, and else the title, which says what it is.
      const first = dialog.querySelector<HTMLElement>("input:not([type=hidden]), textarea, select, h2");
      first?.focus();
    }
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape is the dialog's own; the click is for the pointer only
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        if (!insist) onClose();
      }}
      onClose={() => {
        if (open) onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current && !insist) onClose();
      }}
      className={classes("overflow-hidden border-line-strong bg-card p-0 shadow-raised", places[place], sizes[size])}
    >
      {open ? (
        <div className={classes("flex flex-col", place === "center" ? "max-h-[calc(100dvh-2rem)]" : "h-full")}>
          <div className="flex items-center justify-between gap-4 border-b border-line px-5 py-3">
            <h2 id={titleId} tabIndex={-1} className="outline-none text-lg leading-7 font-semibold">
              {title}
            </h2>
            {insist ? null : (
              <IconButton label="Close" onClick={onClose}>
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            )}
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          {footer ? (
            <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</div>
          ) : null}
        </div>
      ) : null}
    </dialog>
  );
}

/** Asks before something that cannot be taken back. */
export function Confirm({
  open,
  title,
  children,
  action,
  danger = false,
  pending = false,
  onConfirm,
  onClose,
}: {
  open: boolean;
  title: string;
  children: ReactNode;
  /** What the button does, as a verb: "Retire record". */
  action: string;
  danger?: boolean;
  pending?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      size="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={danger ? "danger" : "primary"} pending={pending} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="text-muted">{children}</div>
    </Dialog>
  );
}
