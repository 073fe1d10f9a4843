import { Track } from "livekit-client";
import { useEffect, useRef, useState } from "react";
import { Card } from "../../ui/page.tsx";
import { Problem } from "../../ui/states.tsx";
import { localCamera, remoteTracks, useCall } from "./useCall.ts";

/** The call itself. It begins with a button: browsers play no sound before one was pressed, and nobody is seen unasked. */
export function Call({ id, recording }: { id: string; recording: boolean }) {
  const [wanted, want] = useState(false);
  const { state, error, room } = useCall(id, wanted);
  if (!wanted) {
    return (
      <Card title="The call is open">
        <p>Your browser asks for your camera and microphone. You can turn both off at any time.</p>
        <div>
          <button type="button" className="button main" onClick={() => want(true)}>
            Join the call
          </button>
        </div>
      </Card>
    );
  }
  const tracks = remoteTracks(room);
  const picture = tracks.find((t) => t.kind === Track.Kind.Video);
  const camera = localCamera(room);
  const me = room?.localParticipant;
  const said = {
    idle: "",
    joining: "Joining…",
    lost: "The connection was lost. Joining again…",
    failed: "Without camera and microphone there is no call. Permit them in your browser and join again.",
    joined: picture ? "" : "Waiting for the picture of the other one.",
  }[state];
  return (
    <section className="stack" aria-label="Call" data-call={state}>
      <div className="stage">
        {picture ? <Picture track={picture} label="The other one" /> : null}
        {tracks.map((t) => (t.kind === Track.Kind.Audio ? <Sound key={t.sid} track={t} /> : null))}
        <p role="status" className={said ? "said" : "unseen"}>
          {said || "The call is on."}
        </p>
        {camera && me?.isCameraEnabled ? (
          <div className="self">
            <Picture track={camera} label="You" />
          </div>
        ) : null}
        {recording ? (
          <p className="recording" role="status">
            Recording
          </p>
        ) : null}
      </div>
      {state === "joined" ? null : <Problem error={error} />}
      <div className="row">
        <button
          type="button"
          className="button"
          disabled={state !== "joined"}
          aria-pressed={!me?.isMicrophoneEnabled}
          onClick={() => void me?.setMicrophoneEnabled(!me.isMicrophoneEnabled)}
        >
          {me?.isMicrophoneEnabled ? "Mute" : "Unmute"}
        </button>
        <button
          type="button"
          className="button"
          disabled={state !== "joined"}
          aria-pressed={!me?.isCameraEnabled}
          onClick={() => void me?.setCameraEnabled(!me.isCameraEnabled)}
        >
          {me?.isCameraEnabled ? "Camera off" : "Camera on"}
        </button>
        <button type="button" className="button stop" onClick={() => want(false)}>
          Leave the call
        </button>
      </div>
    </section>
  );
}

function Picture({ track, label }: { track: Track; label: string }) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    track.attach(element);
    return () => void track.detach(element);
  }, [track]);
  return <video ref={ref} aria-label={label} autoPlay playsInline muted />;
}

function Sound({ track }: { track: Track }) {
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    track.attach(element);
    return () => void track.detach(element);
  }, [track]);
  // The words of a call are spoken: there are no captions to give.
  return <audio ref={ref} autoPlay />;
}
