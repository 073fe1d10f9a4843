import { FileUp } from "lucide-react";
import { useId, useState } from "react";
import { classes } from "@/ui";
import { formatBytes, maxBytes } from "./check";

/**
 * Takes files by dropping and by choosing. The field lies over the whole surface: a browser drops files into a field by itself, so
 * pointer, keyboard and screen reader use one and the same thing.
 */
export function DropZone({ onFiles, compact }: { onFiles: (files: File[]) => void; compact: boolean }) {
  const id = useId();
  const [over, setOver] = useState(false);
  return (
    <div
      className={classes(
        "relative rounded-card border-2 border-dashed transition-colors focus-within:border-accent",
        over ? "border-accent bg-accent-tint" : "border-control bg-card hover:border-muted",
        compact ? "px-4 py-4" : "px-6 py-12",
      )}
    >
      <label
        htmlFor={id}
        className={classes(
          "flex items-center gap-x-4 gap-y-2",
          compact ? "flex-wrap justify-center sm:justify-start" : "flex-col text-center",
        )}
      >
        <FileUp aria-hidden="true" className={classes("shrink-0 text-accent-text", compact ? "size-5" : "size-8")} />
        <span className={compact ? "font-semibold" : "font-display text-lg leading-7 font-semibold"}>
          {over ? "Drop to add" : "Drop NEMSIS files here, or choose them"}
        </span>
        <span className="text-xs text-faint" id={`${id}-hint`}>
          EMSDataSet as XML, NEMSIS 3.4 or 3.5, up to {formatBytes(maxBytes)} each
        </span>
      </label>
      <input
        id={id}
        type="file"
        multiple
        accept=".xml,application/xml,text/xml"
        aria-describedby={`${id}-hint`}
        className="absolute inset-0 size-full cursor-pointer opacity-0"
        onDragEnter={() => setOver(true)}
        onDragLeave={() => setOver(false)}
        onDrop={() => setOver(false)}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again after it was corrected.
          event.target.value = "";
        }}
      />
    </div>
  );
}
