import { dictionaries, languageNames } from "../../i18n/language.ts";
import type { Language } from "../../i18n/language.ts";
import { useLanguage, useText } from "../../i18n/text.tsx";

const languages = Object.keys(dictionaries) as Language[];

export function LanguageSwitch() {
  const { header } = useText();
  const { language, setLanguage } = useLanguage();
  return (
    <fieldset className="language">
      <legend className="visually-hidden">{header.language}</legend>
      {languages.map((each) => (
        <button
          key={each}
          type="button"
          lang={dictionaries[each].locale.tag}
          aria-pressed={each === language}
          onClick={() => setLanguage(each)}
        >
          {languageNames[each]}
        </button>
      ))}
    </fieldset>
  );
}
