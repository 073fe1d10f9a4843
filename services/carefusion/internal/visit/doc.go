// Package visit runs the session of an appointment: checked in, waiting, admitted, in call, ended.
//
// Who waits is let in by the provider and by nobody else. There is no way into a call but by Start, and Start looks for the
// patient's consent to care. Consent that is withdrawn puts the patient back into the waiting room and ends the room; the next
// call has a new consent epoch and a new room. The database holds the same rules in triggers and policies.
package visit
