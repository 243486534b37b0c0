// The sections of the book, in reading order.
import { cardsSection, termsSection, versionsSection } from "./basis.js";
import { concentration, gradesSection, reasonsSection } from "./composition.js";
import { evidenceSection } from "./evidence.js";
import { firmsSection } from "./firms.js";
import { overview } from "./overview.js";

export const SECTIONS = [
  ["overview", overview],
  ["firms", firmsSection],
  ["grades", gradesSection],
  ["reasons", reasonsSection],
  ["concentration", concentration],
  ["evidence", evidenceSection],
  ["cards", cardsSection],
  ["terms", termsSection],
  ["versions", versionsSection],
];
