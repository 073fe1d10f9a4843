import type { Fact } from "../nemsis/fact";
import type { Chart } from "../queries";

/** Facts for tests. */
export const value = (v: string): Fact => ({ state: "STATE_VALUE", value: v });
export const notRecorded: Fact = { state: "STATE_NOT_VALUE", reasonCode: "7701003" };
export const refused = (v = ""): Fact => ({ state: "STATE_PERTINENT_NEGATIVE", reasonCode: "8801019", value: v });
export const missing: Fact = { state: "STATE_ABSENT" };
const at = (time: string) => value(`2026-03-01T${time}-06:00`);

/** A chart as GetChart answers it: a STEMI with two sets of vital signs, drugs given, refused and given before, and a late scene time. */
export const stemi: Chart = {
  id: "0190aaaa-0000-7000-8000-00000000c001",
  agencyId: "1",
  pcrNumber: "55001-0042",
  incidentNumber: "INC-77",
  nemsisVersion: "3.5.1",
  version: 2,
  importTime: "2026-03-01T18:00:00Z",
  unitCallSign: "M1",
  unitNotifiedTime: "2026-03-01T16:00:00Z",
  findings: [
    {
      severity: "SEVERITY_WARNING",
      element: "dAgency.02",
      line: 12,
      rule: "nemsis.agency.unregistered",
      message: "dAgency.02 is not an identifier of any agency of the fleet",
    },
  ],
  facts: {
    times: {
      "eTimes.01": at("09:58:30"),
      "eTimes.03": at("10:00:00"),
      "eTimes.05": at("10:01:30"),
      "eTimes.06": at("10:12:00"),
      "eTimes.07": at("10:13:00"),
      "eTimes.09": at("10:45:00"),
      "eTimes.11": at("10:57:00"),
      "eTimes.12": notRecorded,
      "eTimes.13": at("11:20:00"),
      "eTimes.08": missing,
    },
    intervals: {
      turnout: { seconds: 90, invalid: false },
      response: { seconds: 720, invalid: false },
      systemResponse: { seconds: 810, invalid: false },
      patientAccess: { seconds: 60, invalid: false },
      onScene: { seconds: 1980, invalid: false },
      transport: { seconds: 720, invalid: false },
      turnaround: { invalid: true },
      cancelledBeforeArrival: false,
    },
    response: { priority: "critical", callSign: value("M1"), serviceType: value("2205001"), mode: value("2223001") },
    patient: { ageYears: 64, pediatric: false, initialAcuity: value("2813001"), finalAcuity: notRecorded },
    situation: {
      primaryImpression: value("I21.3"),
      primarySymptom: value("R07.9"),
      secondaryImpressions: [],
      otherSymptoms: [],
    },
    arrest: { cardiacArrest: value("3001001") },
    disposition: { transport: value("4230001"), care: value("4228001"), transported: true, refused: false },
    crew: [{ crewId: value("N100"), level: value("9925007"), roles: [value("2403001")] }],
    vitals: [
      {
        time: at("10:15:00"),
        priorToCare: value("9923001"),
        heartRate: value("104"),
        systolic: value("148"),
        diastolic: value("92"),
        pulseOximetry: value("93"),
        respiratoryRate: value("22"),
        etco2: notRecorded,
        gcsTotal: value("15"),
        pain: value("8"),
        rhythms: [value("9901051")],
      },
      {
        time: at("10:30:00"),
        heartRate: value("96"),
        systolic: value("138"),
        diastolic: notRecorded,
        pulseOximetry: value("97"),
        respiratoryRate: refused(),
        gcsTotal: value("15"),
        pain: value("5"),
      },
    ],
    medications: [
      {
        time: at("10:18:00"),
        code: value("1191"),
        dose: value("324"),
        doseUnit: value("3706021"),
        route: value("9927035"),
        given: true,
        crewId: value("N100"),
      },
      { time: at("10:19:00"), code: refused("4917"), given: false },
      { time: at("09:50:00"), code: value("1191"), priorToCare: value("9923003"), given: false },
    ],
    procedures: [
      {
        time: at("10:16:00"),
        code: value("268400002"),
        attempts: value("1"),
        successful: value("9923003"),
        performed: true,
        crewId: value("N100"),
      },
    ],
    signatures: [
      { signer: value("4512015"), reasons: [value("4513009")], status: value("4515031"), time: at("10:58:00") },
    ],
  },
};
