import { Room, RoomEvent, Track, type LocalParticipant, type RemoteTrack } from "livekit-client";
import { useEffect, useReducer, useRef, useState } from "react";
import { api, ask } from "../../api/client.ts";

export type CallState = "idle" | "joining" | "joined" | "lost" | "failed";

/** Waits for the right to send: a token only lets one in, and the service grants the rest while consent stands. */
function permitted(me: LocalParticipant, signal: AbortSignal): Promise<boolean> {
  return new Promise((done) => {
    const look = () => {
      if (!signal.aborted && me.permissions?.canPublish !== true) return;
      me.off("participantPermissionsChanged", look);
      done(!signal.aborted);
    };
    me.on("participantPermissionsChanged", look);
    signal.addEventListener("abort", look);
    look();
  });
}

async function connect(room: Room, id: string, signal: AbortSignal) {
  const join = await ask(() =>
    api.POST("/api/telehealth/v1/appointments/{appointmentId}/session:join", { params: { path: { appointmentId: id } }, body: {}, signal }),
  );
  const iceServers = (join.iceServers ?? []).map((s) => ({
    urls: s.urls ?? [],
    ...(s.username ? { username: s.username, credential: s.credential ?? "" } : {}),
  }));
  // Named even if there are none: LiveKit would hand out servers of third parties otherwise.
  await room.connect(join.url ?? "", join.token ?? "", { rtcConfig: { iceServers } });
  if (!(await permitted(room.localParticipant, signal))) return;
  await room.localParticipant.setMicrophoneEnabled(true);
  await room.localParticipant.setCameraEnabled(true);
}

/** The most that is waited before another attempt to join. */
const longest = 8_000;

/** One call: joined when asked, joined anew with a new token when the connection was lost, left when the page is. */
export function useCall(id: string, wanted: boolean) {
  const [state, setState] = useState<CallState>("idle");
  const [error, setError] = useState<unknown>();
  const [room, setRoom] = useState<Room>();
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const attempt = useRef(0);
  useEffect(() => {
    if (!wanted) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let now: Room | undefined;
    const again = () => {
      if (stop.signal.aborted) return;
      setState("lost");
      timer = setTimeout(start, Math.min(500 * 2 ** attempt.current++, longest));
    };
    const start = () => {
      const next = new Room({ adaptiveStream: true, dynacast: true });
      now = next;
      setRoom(next);
      for (const event of [
        RoomEvent.TrackSubscribed,
        RoomEvent.TrackUnsubscribed,
        RoomEvent.LocalTrackPublished,
        RoomEvent.LocalTrackUnpublished,
        RoomEvent.TrackMuted,
        RoomEvent.TrackUnmuted,
        RoomEvent.ParticipantConnected,
        RoomEvent.ParticipantDisconnected,
      ])
        next.on(event, draw);
      next.once(RoomEvent.Disconnected, again);
      setState((s) => (s === "lost" ? s : "joining"));
      connect(next, id, stop.signal).then(
        () => {
          if (stop.signal.aborted) return;
          attempt.current = 0;
          setError(undefined);
          setState("joined");
        },
        (reason: unknown) => {
          if (stop.signal.aborted) return;
          setError(reason);
          next.off(RoomEvent.Disconnected, again);
          void next.disconnect();
          if (reason instanceof DOMException && reason.name === "NotAllowedError") setState("failed");
          else again();
        },
      );
    };
    start();
    return () => {
      stop.abort();
      clearTimeout(timer);
      void now?.disconnect();
      setRoom(undefined);
      setState("idle");
    };
  }, [id, wanted]);
  return { state, error, room };
}

/** The picture and the sound of the other one, as far as they are sent. */
export function remoteTracks(room: Room | undefined): RemoteTrack[] {
  return [...(room?.remoteParticipants.values() ?? [])].flatMap((p) => [...p.trackPublications.values()].flatMap((t) => (t.track ? [t.track] : [])));
}

export const localCamera = (room: Room | undefined) => room?.localParticipant.getTrackPublication(Track.Source.Camera)?.videoTrack;
