import { config } from "zod";

// zod would try `new Function` to see whether it may compile schemas; the content security policy refuses and reports the try.
config({ jitless: true });
