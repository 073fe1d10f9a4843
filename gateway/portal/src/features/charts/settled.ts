import { useEffect, useState } from "react";

/** The value once it has not changed for a moment: a search that follows every key asks for nothing anybody wants. */
export function useSettled<T>(value: T, ms = 300): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
