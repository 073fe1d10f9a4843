export function Help() {
  return (
    <>
      <p>
        Each row is one sign-in of one browser. Device is what the browser says of itself, address is the network it was
        last seen from; a mobile network or a VPN shows the address of its provider.
      </p>
      <p>
        A session ends by itself after 15 minutes without activity and after 12 hours in any case. Ending one here signs
        that browser out at once, also when it is the computer of a station that you left in a hurry.
      </p>
      <p>
        Every sign-in and every end is in the audit log, with the address. If you see a device that you do not know, end
        it and tell your administrator.
      </p>
    </>
  );
}
