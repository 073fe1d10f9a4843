import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "node_modules/"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
  },
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ["scripts/**", "*.config.*"], languageOptions: { globals: { ...globals.node } } },
  { files: ["public/**"], languageOptions: { sourceType: "script" } },
  {
    // CSS takes the display of a table away on narrow screens, and with it its meaning: only explicit roles keep it.
    files: ["src/ui/DataTable.tsx"],
    rules: { "jsx-a11y/no-redundant-roles": "off", "jsx-a11y/no-interactive-element-to-noninteractive-role": "off" },
  },
  {
    files: ["**/*.{ts,tsx}"],
    rules: {
      // Route components, event handlers of forms and queries are promises by design.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // TanStack Router ends a route by throwing what redirect() and notFound() make.
      "@typescript-eslint/only-throw-error": "off",
      "no-restricted-globals": [
        "error",
        { name: "fetch", message: "Call the API through @/api: it carries the session, the agency and the errors." },
        { name: "localStorage", message: "Nothing is kept in the browser but the theme (src/shell/theme.ts)." },
        { name: "sessionStorage", message: "Nothing is kept in the browser but the theme (src/shell/theme.ts)." },
      ],
    },
  },
);
