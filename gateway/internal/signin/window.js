"use strict";
// The portal waits in another window and may not be the opener any more: the channel reaches every page of this origin.
{
  const { type, reason } = document.documentElement.dataset;
  const channel = new BroadcastChannel("fleet-auth");
  channel.postMessage(reason ? { type, reason } : { type });
  channel.close();
  window.close();
}
