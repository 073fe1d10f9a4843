import { useAct } from "../../api/act.ts";
import { api, ask } from "../../api/client.ts";

const paths = {
  checkIn: "/api/telehealth/v1/appointments/{appointmentId}/session:checkIn",
  wait: "/api/telehealth/v1/appointments/{appointmentId}/session:wait",
  admit: "/api/telehealth/v1/appointments/{appointmentId}/session:admit",
  start: "/api/telehealth/v1/appointments/{appointmentId}/session:start",
  end: "/api/telehealth/v1/appointments/{appointmentId}/session:end",
  startRecording: "/api/telehealth/v1/appointments/{appointmentId}/session:startRecording",
  stopRecording: "/api/telehealth/v1/appointments/{appointmentId}/session:stopRecording",
} as const;

/** Takes the visit one or more steps further. */
export function useSteps(id: string) {
  return useAct(
    async (steps: readonly (keyof typeof paths)[]) => {
      for (const step of steps) await ask(() => api.POST(paths[step], { params: { path: { appointmentId: id } }, body: {} }));
    },
    [["visit", id], ["appointment", id], ["appointments"], ["waiting"]],
  );
}
