import { WifiOff } from "lucide-react";
import { useSyncExternalStore } from "react";

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** Says that the device has no connection; what is on the screen stays readable. */
export function OfflineBanner() {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status">
      {online ? null : (
        <p className="no-print flex items-center gap-3 border-b border-warning bg-warning-tint px-4 py-2 sm:px-6 lg:px-8">
          <WifiOff aria-hidden="true" className="size-4 shrink-0 text-warning-text" />
          This device is offline. What you see may be old, and nothing can be saved until the connection is back.
        </p>
      )}
    </div>
  );
}
