import type { Message } from "./client.ts";

type Kind = "good" | "warn" | "bad" | "live" | undefined;

export const appointmentWords: Record<Message<"AppointmentState">, readonly [string, Kind]> = {
  APPOINTMENT_STATE_SCHEDULED: ["Booked", "good"],
  APPOINTMENT_STATE_IN_PROGRESS: ["In progress", "live"],
  APPOINTMENT_STATE_COMPLETED: ["Completed", undefined],
  APPOINTMENT_STATE_CANCELLED: ["Cancelled", "bad"],
  APPOINTMENT_STATE_NO_SHOW: ["No show", "warn"],
};

export const visitWords: Record<Message<"SessionState">, readonly [string, Kind]> = {
  SESSION_STATE_CHECKED_IN: ["Checked in", "warn"],
  SESSION_STATE_WAITING: ["Waiting", "warn"],
  SESSION_STATE_ADMITTED: ["Admitted", "live"],
  SESSION_STATE_IN_CALL: ["In call", "live"],
  SESSION_STATE_ENDED: ["Ended", undefined],
};

export const purposeWords: Record<Message<"Purpose">, string> = {
  PURPOSE_CARE: "Care by video",
  PURPOSE_RECORDING: "Recording",
  PURPOSE_MESSAGING: "Messages",
};

export const decisionWords: Record<Message<"Decision">, readonly [string, Kind]> = {
  DECISION_GIVEN: ["Agreed", "good"],
  DECISION_DECLINED: ["Declined", "bad"],
  DECISION_WITHDRAWN: ["Taken back", "bad"],
};

export const providerWords: Record<Message<"ProviderState">, readonly [string, Kind]> = {
  PROVIDER_STATE_PENDING: ["Waits for approval", "warn"],
  PROVIDER_STATE_ACTIVE: ["Active", "good"],
  PROVIDER_STATE_SUSPENDED: ["Suspended", "bad"],
  PROVIDER_STATE_REJECTED: ["Rejected", "bad"],
};

export const noteWords: Record<Message<"NoteState">, readonly [string, Kind]> = {
  NOTE_STATE_DRAFT: ["Draft", "warn"],
  NOTE_STATE_SIGNED: ["Signed", "good"],
  NOTE_STATE_AMENDED: ["Amended", "good"],
};

/** States and territories whose boards license clinicians. */
export const states =
  "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI"
    .split(" ")
    .map((code) => [code, code] as const);
