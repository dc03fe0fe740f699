// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The words of the grammar corpus. Frequent words stand first in their table. Some forms stand in several
/// tables on purpose ("watch", "saw", "light", "back"): only the sentence tells which tag they have.
#pragma once

#include <string_view>

namespace rnnscope::detail::lexicon {

struct Noun {
  std::string_view singular;
  std::string_view plural;  ///< empty for mass nouns
};

struct Verb {
  std::string_view base;
  std::string_view third;       ///< VBZ
  std::string_view past;        ///< VBD
  std::string_view gerund;      ///< VBG
  std::string_view participle;  ///< VBN
};

/// A man's and a woman's name, title or place in a family.
struct Couple {
  std::string_view he;
  std::string_view she;
};

inline constexpr Noun people[] = {
    {"man", "men"},
    {"woman", "women"},
    {"child", "children"},
    {"soldier", "soldiers"},
    {"general", "generals"},
    {"officer", "officers"},
    {"girl", "girls"},
    {"boy", "boys"},
    {"doctor", "doctors"},
    {"servant", "servants"},
    {"friend", "friends"},
    {"guest", "guests"},
    {"teacher", "teachers"},
    {"farmer", "farmers"},
    {"merchant", "merchants"},
    {"neighbour", "neighbours"},
    {"stranger", "strangers"},
    {"captain", "captains"},
    {"prisoner", "prisoners"},
    {"judge", "judges"},
    {"cook", "cooks"},
    {"coachman", "coachmen"},
    {"nurse", "nurses"},
    {"priest", "priests"},
    {"sailor", "sailors"},
    {"thief", "thieves"},
    {"clerk", "clerks"},
    {"hunter", "hunters"},
    {"painter", "painters"},
    {"tailor", "tailors"},
    {"guard", "guards"},
    {"heir", "heirs"},
};
/// Persons that someone has: "her brother", "the farmer's wife".
inline constexpr Couple relatives[] = {
    {"father", "mother"},           {"brother", "sister"}, {"son", "daughter"},
    {"cousin", "cousin"},           {"uncle", "aunt"},     {"nephew", "niece"},
    {"grandfather", "grandmother"}, {"master", "mistress"}};
inline constexpr Noun animals[] = {
    {"horse", "horses"}, {"dog", "dogs"},   {"cat", "cats"},    {"bird", "birds"},
    {"wolf", "wolves"},  {"cow", "cows"},   {"sheep", "sheep"}, {"goose", "geese"},
    {"fox", "foxes"},    {"mouse", "mice"}, {"bear", "bears"},  {"owl", "owls"},
};
inline constexpr Noun things[] = {
    {"letter", "letters"},   {"book", "books"},     {"watch", "watches"},    {"lamp", "lamps"},
    {"sword", "swords"},     {"box", "boxes"},      {"knife", "knives"},     {"key", "keys"},
    {"coat", "coats"},       {"hat", "hats"},       {"candle", "candles"},   {"map", "maps"},
    {"picture", "pictures"}, {"ring", "rings"},     {"coin", "coins"},       {"cup", "cups"},
    {"bottle", "bottles"},   {"saw", "saws"},       {"chair", "chairs"},     {"clock", "clocks"},
    {"basket", "baskets"},   {"rope", "ropes"},     {"mirror", "mirrors"},   {"umbrella", "umbrellas"},
    {"drum", "drums"},       {"ladder", "ladders"}, {"blanket", "blankets"}, {"axe", "axes"},
    {"light", "lights"},     {"cart", "carts"},     {"glove", "gloves"},     {"envelope", "envelopes"},
};
inline constexpr Noun foods[] = {
    {"bread", ""},       {"soup", ""}, {"wine", ""},           {"water", ""},  {"tea", ""},
    {"apple", "apples"}, {"meat", ""}, {"egg", "eggs"},        {"cheese", ""}, {"milk", ""},
    {"onion", "onions"}, {"fish", ""}, {"potato", "potatoes"}, {"honey", ""},  {"cake", "cakes"},
};
inline constexpr Noun places[] = {
    {"house", "houses"},    {"room", "rooms"},     {"village", "villages"}, {"garden", "gardens"},
    {"street", "streets"},  {"forest", "forests"}, {"river", "rivers"},     {"bridge", "bridges"},
    {"road", "roads"},      {"town", "towns"},     {"field", "fields"},     {"kitchen", "kitchens"},
    {"church", "churches"}, {"castle", "castles"}, {"station", "stations"}, {"shop", "shops"},
    {"hill", "hills"},      {"market", "markets"}, {"camp", "camps"},       {"valley", "valleys"},
    {"inn", "inns"},        {"school", "schools"}, {"yard", "yards"},       {"island", "islands"},
    {"tower", "towers"},    {"mill", "mills"},     {"square", "squares"},   {"cellar", "cellars"},
};
inline constexpr Noun ideas[] = {
    {"story", "stories"},  {"plan", "plans"},       {"question", "questions"},
    {"answer", "answers"}, {"idea", "ideas"},       {"hope", "hopes"},
    {"truth", ""},         {"secret", "secrets"},   {"promise", "promises"},
    {"reason", "reasons"}, {"dream", "dreams"},     {"name", "names"},
    {"song", "songs"},     {"war", "wars"},         {"love", ""},
    {"news", ""},          {"mistake", "mistakes"}, {"lesson", "lessons"},
    {"law", "laws"},       {"danger", "dangers"},   {"opinion", "opinions"},
    {"silence", ""},       {"peace", ""},           {"order", "orders"},
};
/// Parts of the body to do something with; those that one has once are without a plural.
inline constexpr Noun body[] = {{"hand", "hands"}, {"voice", ""}, {"eye", "eyes"}, {"face", ""},
                                {"arm", "arms"},   {"heart", ""}, {"head", ""}};
inline constexpr Noun spans_of_time[] = {
    {"day", "days"},   {"week", "weeks"},   {"year", "years"},
    {"hour", "hours"}, {"month", "months"}, {"minute", "minutes"},
};
inline constexpr std::string_view times[] = {"morning", "evening", "night",  "winter", "afternoon",
                                             "spring",  "summer",  "autumn", "storm"};

inline constexpr std::string_view events_to_remember[] = {"war",     "storm",  "dinner",
                                                          "wedding", "battle", "concert"};

inline constexpr Couple first_names[] = {
    {"Peter", "Anna"},   {"Andrew", "Mary"},  {"Nicholas", "Helen"}, {"Boris", "Sonya"}, {"John", "Natasha"},
    {"Thomas", "Alice"}, {"Martin", "Emma"},  {"Paul", "Clara"},     {"Henry", "Lucy"},  {"George", "Vera"},
    {"Robert", "Olga"},  {"Simon", "Martha"}, {"Victor", "Julia"},   {"Edward", "Rose"}, {"Hugo", "Nora"},
    {"Philip", "Ellen"}, {"Oscar", "Irene"},  {"Felix", "Agnes"},
};
inline constexpr Couple titles[] = {
    {"Prince", "Princess"}, {"Count", "Countess"}, {"Uncle", "Aunt"},
    {"Captain", "Madame"},  {"Brother", "Sister"},
};
inline constexpr std::string_view cities[] = {"Moscow", "Vienna", "London", "Paris",  "Petersburg", "Rome",
                                              "Berlin", "Warsaw", "Prague", "Venice", "Oxford",     "Smolensk"};
inline constexpr std::string_view weekdays[] = {"Sunday",   "Monday",  "Friday",   "Saturday",
                                                "Thursday", "Tuesday", "Wednesday"};

inline constexpr Verb to_do = {"do", "does", "did", "doing", "done"};
inline constexpr Verb to_have = {"have", "has", "had", "having", "had"};
/// To go somewhere: with a path.
inline constexpr Verb go[] = {
    {"go", "goes", "went", "going", "gone"},
    {"walk", "walks", "walked", "walking", "walked"},
    {"come", "comes", "came", "coming", "come"},
    {"run", "runs", "ran", "running", "run"},
    {"ride", "rides", "rode", "riding", "ridden"},
    {"return", "returns", "returned", "returning", "returned"},
    {"hurry", "hurries", "hurried", "hurrying", "hurried"},
    {"march", "marches", "marched", "marching", "marched"},
    {"drive", "drives", "drove", "driving", "driven"},
    {"wander", "wanders", "wandered", "wandering", "wandered"},
    {"travel", "travels", "travelled", "travelling", "travelled"},
    {"climb", "climbs", "climbed", "climbing", "climbed"},
};
/// To be somewhere: with a place.
inline constexpr Verb stay[] = {
    {"sit", "sits", "sat", "sitting", "sat"},
    {"stand", "stands", "stood", "standing", "stood"},
    {"wait", "waits", "waited", "waiting", "waited"},
    {"live", "lives", "lived", "living", "lived"},
    {"sleep", "sleeps", "slept", "sleeping", "slept"},
    {"stay", "stays", "stayed", "staying", "stayed"},
    {"rest", "rests", "rested", "resting", "rested"},
    {"hide", "hides", "hid", "hiding", "hidden"},
    {"stop", "stops", "stopped", "stopping", "stopped"},
    {"work", "works", "worked", "working", "worked"},
};
/// What persons do without an object.
inline constexpr Verb behave[] = {
    {"smile", "smiles", "smiled", "smiling", "smiled"},
    {"laugh", "laughs", "laughed", "laughing", "laughed"},
    {"speak", "speaks", "spoke", "speaking", "spoken"},
    {"sing", "sings", "sang", "singing", "sung"},
    {"weep", "weeps", "wept", "weeping", "wept"},
    {"nod", "nods", "nodded", "nodding", "nodded"},
    {"dance", "dances", "danced", "dancing", "danced"},
    {"sigh", "sighs", "sighed", "sighing", "sighed"},
    {"listen", "listens", "listened", "listening", "listened"},
    {"pray", "prays", "prayed", "praying", "prayed"},
    {"tremble", "trembles", "trembled", "trembling", "trembled"},
    {"agree", "agrees", "agreed", "agreeing", "agreed"},
};
/// What things do.
inline constexpr Verb happen[] = {
    {"fall", "falls", "fell", "falling", "fallen"},
    {"break", "breaks", "broke", "breaking", "broken"},
    {"disappear", "disappears", "disappeared", "disappearing", "disappeared"},
    {"burn", "burns", "burned", "burning", "burned"},
    {"shine", "shines", "shone", "shining", "shone"},
    {"arrive", "arrives", "arrived", "arriving", "arrived"},
    {"change", "changes", "changed", "changing", "changed"},
};
/// Whom: persons and animals as objects.
inline constexpr Verb meet[] = {
    {"see", "sees", "saw", "seeing", "seen"},
    {"love", "loves", "loved", "loving", "loved"},
    {"follow", "follows", "followed", "following", "followed"},
    {"watch", "watches", "watched", "watching", "watched"},
    {"meet", "meets", "met", "meeting", "met"},
    {"help", "helps", "helped", "helping", "helped"},
    {"know", "knows", "knew", "knowing", "known"},
    {"leave", "leaves", "left", "leaving", "left"},
    {"find", "finds", "found", "finding", "found"},
    {"remember", "remembers", "remembered", "remembering", "remembered"},
    {"thank", "thanks", "thanked", "thanking", "thanked"},
    {"visit", "visits", "visited", "visiting", "visited"},
    {"call", "calls", "called", "calling", "called"},
    {"forgive", "forgives", "forgave", "forgiving", "forgiven"},
    {"hear", "hears", "heard", "hearing", "heard"},
    {"trust", "trusts", "trusted", "trusting", "trusted"},
    {"fear", "fears", "feared", "fearing", "feared"},
    {"guard", "guards", "guarded", "guarding", "guarded"},
};
/// What: things as objects.
inline constexpr Verb handle[] = {
    {"take", "takes", "took", "taking", "taken"},
    {"see", "sees", "saw", "seeing", "seen"},
    {"carry", "carries", "carried", "carrying", "carried"},
    {"find", "finds", "found", "finding", "found"},
    {"lose", "loses", "lost", "losing", "lost"},
    {"hold", "holds", "held", "holding", "held"},
    {"buy", "buys", "bought", "buying", "bought"},
    {"open", "opens", "opened", "opening", "opened"},
    {"break", "breaks", "broke", "breaking", "broken"},
    {"hide", "hides", "hid", "hiding", "hidden"},
    {"clean", "cleans", "cleaned", "cleaning", "cleaned"},
    {"steal", "steals", "stole", "stealing", "stolen"},
    {"drop", "drops", "dropped", "dropping", "dropped"},
    {"keep", "keeps", "kept", "keeping", "kept"},
    {"burn", "burns", "burned", "burning", "burned"},
    {"cut", "cuts", "cut", "cutting", "cut"},
    {"mend", "mends", "mended", "mending", "mended"},
    {"light", "lights", "lit", "lighting", "lit"},
};
inline constexpr Verb consume[] = {
    {"eat", "eats", "ate", "eating", "eaten"},
    {"drink", "drinks", "drank", "drinking", "drunk"},
    {"want", "wants", "wanted", "wanting", "wanted"},
    {"bring", "brings", "brought", "bringing", "brought"},
    {"refuse", "refuses", "refused", "refusing", "refused"},
};
/// What: ideas as objects.
inline constexpr Verb ponder[] = {
    {"know", "knows", "knew", "knowing", "known"},
    {"understand", "understands", "understood", "understanding", "understood"},
    {"forget", "forgets", "forgot", "forgetting", "forgotten"},
    {"hear", "hears", "heard", "hearing", "heard"},
    {"tell", "tells", "told", "telling", "told"},
    {"explain", "explains", "explained", "explaining", "explained"},
    {"believe", "believes", "believed", "believing", "believed"},
    {"change", "changes", "changed", "changing", "changed"},
    {"answer", "answers", "answered", "answering", "answered"},
    {"repeat", "repeats", "repeated", "repeating", "repeated"},
    {"expect", "expects", "expected", "expecting", "expected"},
    {"doubt", "doubts", "doubted", "doubting", "doubted"},
};
/// To whom and what: "gave her the watch", "gave the watch to her".
inline constexpr Verb give[] = {
    {"give", "gives", "gave", "giving", "given"},
    {"send", "sends", "sent", "sending", "sent"},
    {"show", "shows", "showed", "showing", "shown"},
    {"bring", "brings", "brought", "bringing", "brought"},
    {"offer", "offers", "offered", "offering", "offered"},
    {"sell", "sells", "sold", "selling", "sold"},
    {"hand", "hands", "handed", "handing", "handed"},
    {"promise", "promises", "promised", "promising", "promised"},
    {"lend", "lends", "lent", "lending", "lent"},
};
/// That something is so.
inline constexpr Verb claim[] = {
    {"think", "thinks", "thought", "thinking", "thought"},
    {"know", "knows", "knew", "knowing", "known"},
    {"say", "says", "said", "saying", "said"},
    {"believe", "believes", "believed", "believing", "believed"},
    {"hope", "hopes", "hoped", "hoping", "hoped"},
    {"see", "sees", "saw", "seeing", "seen"},
    {"hear", "hears", "heard", "hearing", "heard"},
    {"remember", "remembers", "remembered", "remembering", "remembered"},
    {"notice", "notices", "noticed", "noticing", "noticed"},
    {"fear", "fears", "feared", "fearing", "feared"},
};
/// To do something.
inline constexpr Verb intend[] = {
    {"want", "wants", "wanted", "wanting", "wanted"},
    {"try", "tries", "tried", "trying", "tried"},
    {"begin", "begins", "began", "beginning", "begun"},
    {"hope", "hopes", "hoped", "hoping", "hoped"},
    {"decide", "decides", "decided", "deciding", "decided"},
    {"refuse", "refuses", "refused", "refusing", "refused"},
    {"need", "needs", "needed", "needing", "needed"},
    {"promise", "promises", "promised", "promising", "promised"},
};
/// Words about speech, past tense, after what was said.
inline constexpr std::string_view spoke[] = {"said",      "answered", "asked",    "cried", "replied",
                                             "whispered", "shouted",  "repeated", "added", "murmured"};

inline constexpr std::string_view common_adjectives[] = {"old",  "little", "good",      "strange",
                                                         "fine", "ugly",   "beautiful", "famous"};
inline constexpr std::string_view person_adjectives[] = {
    "young", "poor", "tall", "happy",   "angry", "rich",  "honest", "proud", "tired", "clever", "brave",
    "sad",   "pale", "kind", "foolish", "dear",  "quiet", "lonely", "blind", "stout", "ill"};
inline constexpr std::string_view thing_adjectives[] = {
    "new",    "small", "heavy", "white", "black", "empty", "golden", "light", "broken",
    "wooden", "red",   "dirty", "blue",  "cheap", "open",  "silver", "wet",   "useful"};
inline constexpr std::string_view place_adjectives[] = {"dark",   "narrow",  "large", "cold",  "empty",
                                                        "quiet",  "green",   "long",  "sunny", "distant",
                                                        "silent", "crowded", "warm"};
inline constexpr std::string_view idea_adjectives[] = {"great",     "terrible", "important", "true",
                                                       "simple",    "last",     "sad",       "secret",
                                                       "wonderful", "useful",   "false",     "clear"};

inline constexpr std::string_view animal_adjectives[] = {"small", "wild", "hungry", "black", "white",
                                                         "grey",  "tame", "tired",  "lame",  "young"};
inline constexpr std::string_view food_adjectives[] = {"hot",  "fresh",  "cold", "sweet",
                                                       "warm", "bitter", "sour", "stale"};

inline constexpr std::string_view manner[] = {"slowly",  "quietly", "quickly", "gladly",  "carefully",
                                              "sadly",   "angrily", "gently",  "eagerly", "bravely",
                                              "proudly", "hastily", "calmly",  "secretly"};
inline constexpr std::string_view after_verb[] = {"again", "alone", "too"};
inline constexpr std::string_view events[] = {"suddenly", "slowly",  "quickly",
                                              "again",    "quietly", "completely"};
inline constexpr std::string_view frequency[] = {"never",   "often", "always", "still",
                                                 "already", "soon",  "seldom", "also"};
inline constexpr std::string_view openers[] = {"Then",      "Now",       "Suddenly", "Perhaps", "Soon",
                                               "Meanwhile", "Sometimes", "Again",    "Today"};
inline constexpr std::string_view interjections[] = {"yes", "no", "ah", "well", "oh"};
inline constexpr std::string_view question_adverbs[] = {"why", "where", "when", "how"};
inline constexpr std::string_view directions[] = {"back",  "home",     "away", "out",
                                                  "there", "upstairs", "in",   "down"};
inline constexpr std::string_view degrees[] = {"very", "too", "so", "quite", "rather"};

inline constexpr std::string_view paths[] = {"to",   "into",   "through", "across",
                                             "from", "toward", "past",    "along"};
inline constexpr std::string_view locations[] = {"in", "near", "behind", "by", "outside", "before", "at"};
inline constexpr std::string_view surfaces[] = {"table", "floor",  "bench", "wall",
                                                "shelf", "window", "roof",  "bed"};
inline constexpr std::string_view when[] = {"when",  "while",    "because", "if", "before",
                                            "after", "although", "until",   "as"};
inline constexpr std::string_view numbers[] = {"two",   "three", "four", "five",   "six",    "seven",
                                               "eight", "ten",   "nine", "twelve", "twenty", "thirty"};
inline constexpr std::string_view past_modals[] = {"would", "could", "might", "should"};
inline constexpr std::string_view present_modals[] = {"will", "can", "must", "may", "should", "would"};

}  // namespace rnnscope::detail::lexicon
