import { languageNames, languages, languageTags } from "../../i18n/language.ts";
import { useLanguage, useText } from "../../i18n/text.tsx";

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
          lang={languageTags[each]}
          aria-pressed={each === language}
          onClick={() => setLanguage(each)}
        >
          {languageNames[each]}
        </button>
      ))}
    </fieldset>
  );
}
