import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "src/api/schema.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Handlers of events and navigations are promises by design.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-invalid-void-type": ["error", { allowAsThisParameter: true, allowInGenericTypeArguments: true }],
      "no-restricted-globals": [
        "error",
        { name: "fetch", message: "Call the API through src/api: it carries the session and its errors." },
        { name: "localStorage", message: "Nothing is kept in the browser but the theme." },
        { name: "sessionStorage", message: "Nothing is kept in the browser but the theme." },
      ],
    },
  },
  { files: ["src/api/session.ts"], rules: { "no-restricted-globals": "off" } },
  { files: ["src/ui/theme.tsx"], rules: { "no-restricted-globals": "off" } },
  jsxA11y.flatConfigs.strict,
  {
    rules: {
      // What scrolls by itself must be reachable by keyboard.
      "jsx-a11y/no-noninteractive-tabindex": ["error", { roles: ["region"], tags: ["ol"] }],
    },
  },
  // Nobody writes captions of what two people say to each other.
  { files: ["src/features/visit/Call.tsx"], rules: { "jsx-a11y/media-has-caption": "off" } },
  reactHooks.configs.flat.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ["public/**"], languageOptions: { sourceType: "script" } },
);
