import {
  useId,
  useRef,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type SubmitEvent,
  type TextareaHTMLAttributes,
} from "react";

interface Named {
  label: string;
  hint?: string;
}

function Field({ id, label, hint, children }: Named & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint ? (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
    </div>
  );
}

const described = (id: string, hint: string | undefined) => (hint ? { "aria-describedby": `${id}-hint` } : {});

export function Input({ label, hint, ...rest }: Named & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Field id={id} label={label} {...(hint ? { hint } : {})}>
      <input id={id} {...described(id, hint)} {...rest} />
    </Field>
  );
}

export function Area({ label, hint, ...rest }: Named & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Field id={id} label={label} {...(hint ? { hint } : {})}>
      <textarea id={id} {...described(id, hint)} {...rest} />
    </Field>
  );
}

export function Select({
  label,
  hint,
  options,
  ...rest
}: Named & { options: readonly (readonly [string, string])[] } & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Field id={id} label={label} {...(hint ? { hint } : {})}>
      <select id={id} {...described(id, hint)} {...rest}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

type Values = (name: string) => string;

const valuesOf = (form: HTMLFormElement): Values => {
  const data = new FormData(form);
  return (name) => {
    const value = data.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
};

/** A form whose fields are read by name when it is sent; the browser checks what it knows, the service everything. */
export function Form({
  onSend,
  onReset,
  children,
}: {
  onSend: (values: Values, form: HTMLFormElement) => void;
  onReset?: () => void;
  children: ReactNode;
}) {
  const submit = (e: SubmitEvent<HTMLFormElement>) => {
    e.preventDefault();
    onSend(valuesOf(e.currentTarget), e.currentTarget);
  };
  return (
    <form className="stack" onSubmit={submit} onReset={onReset}>
      {children}
    </form>
  );
}

/** A button that asks before it acts; fields that the question has are its children. */
export function Confirm({
  label,
  title,
  body,
  act,
  kind = "",
  busy = false,
  children,
}: {
  label: string;
  title: string;
  body: string;
  act: (values: Values) => void;
  kind?: string;
  busy?: boolean;
  children?: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const submit = (e: SubmitEvent<HTMLFormElement>) => {
    // The other button closes as well, and must not act.
    const by = e.nativeEvent.submitter;
    if (!(by instanceof HTMLButtonElement) || by.value !== "act") return;
    act(valuesOf(e.currentTarget));
    e.currentTarget.reset();
  };
  return (
    <>
      <button type="button" className={`button ${kind}`} disabled={busy} onClick={() => ref.current?.showModal()}>
        {label}
      </button>
      <dialog ref={ref} aria-labelledby={id}>
        <form method="dialog" className="stack" onSubmit={submit}>
          <h2 id={id}>{title}</h2>
          <p className="soft">{body}</p>
          {children}
          <div className="row">
            <button className="button stop" value="act">
              {label}
            </button>
            <button className="button" formNoValidate>
              Keep as it is
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
