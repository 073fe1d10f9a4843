export { Button, ButtonLink, ExternalLink, IconButton, linkClass } from "./Button";
export { classes } from "./classes";
export { DataList, DataTable, rowsOf, type Column } from "./DataTable";
export { Confirm, Dialog } from "./Dialog";
export { FilterChip, FilterTile } from "./FilterTile";
export { DateRangeFilter, Filters, SelectFilter, useSetSearch } from "./filters";
export { SearchField } from "./SearchField";
export {
  applyProblem,
  CheckboxField,
  DateField,
  Field,
  Form,
  FormActions,
  Options,
  SelectField,
  TextAreaField,
  TextField,
  useZodForm,
  type Option,
} from "./form";
export { KeyValue } from "./KeyValue";
export { Menu, MenuChoice, MenuItem, MenuSeparator } from "./Menu";
export { Card, Columns, Page, Section } from "./Page";
export { EmptyState, ErrorState, Loaded, RequestId, sentence, Skeleton, SkeletonLines } from "./states";
export { StatTile, StatTiles } from "./StatTile";
export { Notice, StatusBadge, type Tone } from "./Status";
export { Tabs, type Tab } from "./Tabs";
export { announce, toast, toastError } from "./toast";
export { useStrip } from "./useStrip";
