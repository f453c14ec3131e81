"""How people word orders to a model, in several languages; matched against text in small letters."""

from __future__ import annotations

import re

_BEGIN = r"(?:^|[.,;:!?]\s*|\b(?:please|now|and|then|just|robot|assistant|hey|okay|ok|kindly|must|you to|(?:can|could|would|will) you(?: please| kindly)?)[ ,]+)"
_RULES = r"(?:instructions?|rules|prompts?|guidelines|programming|training|restrictions|directives?|orders|commands|safety|filters?|limits|checks)"
_ROBOT = r"(?:robot|assistant|chat ?bot|a\.?i|language model|computer|machine|llama|gpt|chatgpt|siri|alexa)"

_ENGLISH = (
    rf"\b(?:ignore|forget|disregard|override|bypass|neglect|drop|erase|delete)\b[\w ,']{{0,30}}?\b(?:your|previous|prior|earlier|above|all|those|system|safety|old)\b[\w ]{{0,20}}?\b{_RULES}\b",
    rf"{_BEGIN}(?:ignore|disregard|forget) (?:everything|anything|all|what)\b",
    rf"\b(?:do not|don't|stop|never) (?:follow|following|obey|obeying) (?:your|those|the|any)\b[\w ]{{0,20}}?{_RULES}",
    rf"\b(?:new|updated|changed|secret|hidden|initial|original) (?:system )?(?:instructions?|directives?|prompt|task|objective|order)s?(?: for you|:| is| are)",
    rf"\b(?:follow|obey) (?:my|these|only my) (?:new )?(?:{_RULES}|words)\b",
    r"\b(?:repeat|say|speak|recite)(?: it| this| that)? (?:after me|word for word|exactly|verbatim|the following|these words|my words|nothing but)\b",
    rf"{_BEGIN}(?:only |always |never )?(?:say|answer|respond|reply|speak|talk|write|output|print)(?: only| always| nothing but| just)? (?:only |just )?(?:with|in|like|as|the words?|the sentence|this sentence|the phrase|exactly|:|[\"“'])",
    r"\b(?:you|it) (?:must|will|shall|have to|has to|need to|are to)(?: now| always| only| never)* (?:say|answer|respond|reply|obey|pretend|insult|ask everybody|ask everyone)\b",
    r"\b(?:the )?(?:next|only|first) (?:thing|words?|sentence|question|topic|suggestion)s? (?:that )?(?:you|out of your mouth|the robot)\b.{0,20}\b(?:must|should|has to|have to|will|is|ought|shall)\b",
    r"\byour (?:next|only|every|new) (?:thing|words?|sentence|question|message|answer|output|reply|topic|suggestion|line|name|identity|persona|task|job|role|goal|purpose|mission|personality)s?\b(?! (?:was|were))[\w ]{0,12}?\b(?:must|should|has to|have to|is|are|will|ought|shall|be|begins?|ends?|with)\b",
    r"\byour (?:task|role|goal|mission|purpose|instructions?) (?:now )?(?:is|are) (?:now )?(?:to|that)\b",
    r"\byou(?:'re| are)(?: now| no longer|, from now on,| from now on)+ (?:a |an |the |my |called |dan\b|free|in |bound|allowed|not )",
    r"\bfrom (?:now|here) on,? (?:you|your|only|always|never|every|call|say|speak|answer|talk|act|each|just|please)\b",
    r"\bfor the rest of (?:the|this|our) (?:conversation|talk|session|chat),? (?:you|speak|talk|only|answer|be|act|say|call)",
    r"\b(?:begin|start|end|finish) (?:every|each|all|any|your) (?:of your )?(?:sentences?|answers?|questions?|suggestions?|replies|reply|answer|question) with\b",
    r"\bin every (?:sentence|answer|question|suggestion) you\b|\bin (?:each|every) of your (?:sentences|answers|questions)\b",
    rf"{_BEGIN}(?:pretend (?:to|you|that (?:you|i)|i|it's)|roleplay|role-play|act as|act like|behave like|play the role|take the role|imagine you are an?)\b(?! (?:if|though|time))",
    rf"\blet's (?:roleplay|role-play|play a game)\b.{{0,40}}\b(?:you|robot)\b",
    r"\b(?:whenever|every time|each time|when) (?:i|we|anyone|anybody|somebody|someone|they|he|she|you hear)\b.{0,40}\b(?:you|robot) (?:must |will |should |always |have to |then )*(?:say|answer|reply|respond|shout|insult|whisper)\b",
    r"\b(?:system|developer|admin|root|debug|maintenance|god|jailbreak|dan|opposite) (?:prompt|override|mode|command|instructions?)\b",
    r"(?:^|\s|[\[<(#*\"])(?:system|assistant|developer|user|instruction)\s*(?:message)?\s*:|^system (?:message|notice|alert|update|says|colon)\b|\bsystem colon\b",
    r"\b(?:do anything now|jail ?break|jailbroken|prompt injection|sudo)\b",
    r"\b(?:reveal|show|tell|print|read|repeat|give|output|leak|recite|share|whisper)\b[\w ,']{0,20}\b(?:your|the|its|initial) (?:\w+ )?(?:prompt|instructions?|system message|configuration|rules you|secret key|api key|password|passphrase|source code)\b(?! (?:on|of the (?:box|kit|recipe)|manual))",
    r"\bwhat (?:is|are|were|was) (?:in )?your (?:\w+ )?(?:prompt|instructions|system message|password|rules)\b",
    rf"(?:^|[.!?]\s*)(?:hey |dear |hello |listen,? |attention,? |ok |okay |please,? )*(?:(?:little |my |dear )*{_ROBOT})[,:! ]+(?:you (?:must|should|will|have|are)|i(?: would|'d)? (?:want|need|order|command|like) you|please|kindly|say|tell|ask|repeat|stop|forget|pretend|answer|speak|call|sing|be so kind|would you|could you|can you|from|when|your|insult|convince|suggest|recommend|let)\b",
    rf"\b(?:note|message|instruction|order|attention|memo|word)s? (?:to|for) (?:the |all |any )?(?:{_ROBOT}|model|system)s?\b",
    rf"\b(?:the|this) (?:{_ROBOT}|model) (?:must|should|shall|has to|is to|will now|needs to)\b",
    r"\b(?:make|let|have) the robot (?:say|ask|tell|insult|repeat)\b",
    r"\b(?:i am|i'm|this is|as) (?:your|the robot's|its) (?:\w+ )?(?:developer|creator|programmer|administrator|admin|owner|boss|master|maker|engineer)\b",
    r"\byou (?:have been|were|got|are being) (?:re-?programmed|hacked|updated|instructed|reset|unlocked|freed|overridden)\b",
    r"\bdo (?:exactly |only |precisely )(?:as|what) i (?:say|tell|order)\b|\bobey me\b|\bmy (?:word|wish) is your command\b|\bhighest priority\b",
    r"\b(?:decode|decrypt|translate|complete|continue|execute|run|evaluate) (?:and (?:say|obey|follow) )?(?:this|the following|my sentence|these)\b.{0,30}\b(?:and (?:say|obey|do|follow|repeat|ask)|code|base ?64|command|text:|string)|\bbase ?64\b|\brot ?13\b",
    r"\b(?:instead|rather) of (?:a |your )?(?:topic|suggestion|suggesting|asking|question)s?,? (?:\w+ )?(?:say|tell|ask|print|insult|read|shout)\b",
    rf"{_BEGIN}tell (?:everyone|everybody|them all|all of them|the others|the group|the whole room|people|us all) (?:that|to|about)\b",
    rf"{_BEGIN}(?:ask|remind|convince|persuade) (?:everyone|everybody|them all|all of them|the others|the group) (?:to|about|for|whether|if|what|how|why|who|when|where)\b",
    rf"{_BEGIN}(?:insult|mock|humiliate|curse|swear at|make fun of) (?:him|her|them|me|us|everyone|everybody|[a-z]+)\b",
    r"\b(?:open|close) (?:curly|brace|bracket)|\b(?:curly|square|angle) (?:bracket|brace)|\bquote \w+ quote\b|\bend of (?:text|turn|prompt|message) token\b|\bless than pipe\b|\bi m start\b",
)
_KOREAN = (
    r"(?:지시|명령|규칙|프롬프트|설정|지침)\S*\s?(?:사항\S*\s?)?(?:은|는|을|를)?\s?(?:다|모두|전부|싹)?\s?(?:무시|잊|따르지|버려|버리|삭제)",
    r"(?:지금|이제|앞으로|오늘)(?:부터)?(?:는)?\s?(?:너|넌|네|당신|로봇)\S*.{0,30}(?:야|이다|입니다|해|해라|말해|행동해|대답해|이야|돼|세요)[.!]?(?:\s|$)",
    r"(?:나|내|제)(?:를|가|\s)?\s?(?:따라\s?(?:해|말)|하는 말(?:을)? (?:그대로|따라))|그대로 (?:따라|말|반복)|따라 ?(?:해(?: ?봐|라|줘| ?주세요)?[.!]?$|하세요|말해)",
    r"(?:라고|다고|냐고|자고)\s?(?:만|꼭|반드시|크게)?\s?(?:말해|대답해|물어봐|물어 봐|외쳐|이야기해|전해|답해|해라|반복해)(?:라|요|줘|주세요| 줘| 주세요|봐)?(?:[.!?]|$|\s)",
    r"(?:역할극|역할놀이|척해|척하|인 척|연기해|흉내 ?내)(?!.*(?:했어요|했어|했는데|했다))",
    r"시스템\s?(?:메시지|프롬프트|명령|:|공지)|개발자\s?모드|관리자\s?(?:모드|명령|권한)|탈옥|프롬프트\S*\s?(?:를|을)?\s?(?:알려|보여|공개|말해|읽어)",
    r"로봇(?:아|님|씨)?[,!]?\s.{0,60}(?:해라|말해|해줘|해 줘|해주세요|해 주세요|물어봐|욕해|불러|전해|시켜)",
    r"(?:다음|네|너의)\s?(?:문장|질문|말|대답)(?:은|는|에는|에)\s?(?:반드시|꼭|무조건)",
)
_JAPANESE = (
    r"(?:指示|命令|ルール|規則|プロンプト|設定|制約)(?:事項)?(?:を|は)?(?:すべて|全部|全て)?(?:無視|忘れ|破|捨て|従わ|上書き)",
    r"(?:今から|これから|今後|この先)(?:は)?(?:、)?(?:あなた|君|きみ|お前|おまえ|ロボット).{0,30}(?:です|だ|になり|になれ|として|なさい|してください|ください|話せ|言え)",
    r"(?:私|僕|俺|わたし)(?:の)?(?:後|あと)(?:に)?(?:に続いて|について)|続いて(?:言|繰り返)|(?:そのまま|一字一句|復唱|繰り返して)(?:言|くださ|しろ|しなさい)|復唱",
    r"(?:と|って)(?:だけ)?(?:言え|言いなさい|答えろ|答えなさい|言ってください|言って下さい|答えてください|聞いてください|尋ねてください|伝えてください|叫べ|言ってくれ|言って[。!！]?$)",
    r"(?:ふりをし(?:て|ろ|なさい)|なりきっ|ロールプレイ|演じて|演じろ)",
    r"システム(?:メッセージ|プロンプト|命令|:|通知)|開発者モード|管理者(?:モード|命令|権限)|脱獄|プロンプトを(?:教え|見せ|読|公開)|(?:内部|最初の)の?指示を(?:教え|見せ|読)",
    r"ロボット(?:さん|くん|君)?[、,!！].{0,60}(?:しろ|言え|言って|聞いて|尋ねて|歌って|してください|しなさい|やめろ)",
    r"次の(?:文|質問|発言|言葉)(?:は|には)(?:必ず|絶対)",
)
_GERMAN = (
    r"\b(?:ignoriere?|vergiss|missachte|umgehe|vergessen sie|ignorieren sie)\b[\w ,äöüß]{0,30}\b(?:anweisung|regeln|befehl|vorgaben|instruktion|anleitung|prompt|alles)\w*",
    r"\bsprich mir nach\b|\bwiederhole (?:genau|wörtlich|mir|folgende|die folgenden)|\b(?:sag|sage|antworte|sprich) (?:nur|genau|immer|ausschließlich|ab jetzt)\b",
    r"\b(?:du bist|sie sind) (?:jetzt|nun|ab jetzt|ab sofort|von nun an|kein)\b|\b(?:ab jetzt|ab sofort|von nun an) (?:bist|sagst|sprichst|antwortest|heißt|sollst|musst|sag|sprich|antworte)\b",
    r"\btu so,? als|\bspiel(?:e)? (?:die|eine) rolle\b|\b(?:verrate|zeig|nenne?|gib)\b[\w äöüß]{0,20}\b(?:system-?prompt|prompt|anweisungen|passwort)\b|\b(?:sag|frag|beleidige) (?:jetzt )?(?:allen|alle|jeden)\b",
)
_FRENCH = (
    r"\b(?:ignore[zr]?|oublie[zr]?|négligez?)\b[\w ,'éèàçù]{0,30}\b(?:instructions?|règles|consignes|ordres|prompt|tout ce)\b",
    r"\brépète[zr]?(?:-le)? (?:après moi|exactement|mot pour mot|ceci)\b|\b(?:dis|dites|réponds|répondez) (?:seulement|uniquement|exactement|toujours|que)\b",
    r"\b(?:tu es|vous êtes) (?:maintenant|désormais|à présent)\b|\b(?:à partir de maintenant|désormais),? (?:tu|vous|dis|dites|parle|réponds|réponds)\b",
    r"\bfais semblant\b|\bjoue le rôle\b|\b(?:révèle|montre|donne)[\w '-]{0,20}\b(?:prompt|instructions|mot de passe)\b|\bdis à (?:tout le monde|tous)\b|\binsulte[zr]?\b",
)
_SPANISH = (
    r"\b(?:ignora|ignore|olvida|olvide|desobedece)\b[\w ,áéíóúñ]{0,30}\b(?:instrucciones|reglas|órdenes|indicaciones|prompt|todo lo)\b",
    r"\brepite (?:conmigo|después de mí|exactamente|esto|palabra por palabra)|\b(?:di|diga|responde|responda|contesta) (?:solo|sólo|solamente|únicamente|exactamente|siempre|que)\b",
    r"\b(?:ahora eres|eres ahora|a partir de ahora|de ahora en adelante|desde ahora),? (?:un|una|el|la|eres|di|solo|siempre|habla|responde|tu|tú|debes|tienes)\b",
    r"\b(?:finge|haz como si|actúa como|hazte pasar)\b|\b(?:revela|muestra|dime|enseña)[\w áéíóú]{0,20}\b(?:prompt|tus instrucciones|contraseña)\b|\b(?:insulta|dile a todos|diles a todos)\b",
)
_CHINESE = (
    r"(?:忽略|无视|無視|忘记|忘掉|不要遵守|不要理)[^。]{0,12}(?:指令|指示|规则|規則|提示|命令|要求)",
    r"(?:跟我|跟着我|照我)(?:说|念|重复|說)|重复(?:以下|下面|我)|从现在(?:起|开始)[^。]{0,8}你|你现在是|你現在是|假装你|扮演|(?:只|必须)(?:说|回答|回复)",
    r"系统(?:提示|消息|指令|:)|开发者模式|越狱|(?:告诉|显示|说出|透露)[^。]{0,8}(?:提示词|系统|密码|指令)",
)
PATTERNS = tuple(
    re.compile(pattern)
    for patterns in (_ENGLISH, _KOREAN, _JAPANESE, _GERMAN, _FRENCH, _SPANISH, _CHINESE)
    for pattern in patterns
)
"""Each in its language, but tried on every text: people change their language, and so do attackers."""

ANYWHERE = tuple(
    re.compile(pattern)
    for pattern in (
        r"<\|?/?\w[\w ]*\|?>|\|>|<<\s?sys|\[/?inst\]|\[/?(?:system|user|assistant)\]|###|```|\{\{|\}\}|<!--|<s>",
        r"begin_of_text|end_of_text|eot_id|start_header_id|end_header_id|im_start|im_end|endoftext",
        r"\{[^{}]*[\"“'][^{}]*:[^{}]*\}|[\"“](?:suggestion|text|topic|role|content|addressed_to|why|system)[\"”]\s*:",
    )
)
"""Signs of template languages, markup and JSON, which nobody says in a conversation."""

ITSELF = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bi(?: am|'m)(?: now| really| actually)* (?:an? (?!bit\b|little\b)|the |your |called |no longer |free|not a |sorry|going to|your)|\bmy name is\b|\bcall me\b",
        r"\bi (?:was|have been|got) (?:told|instructed|programmed|ordered|hacked|asked)\b|\bas an? (?:a\.?i|robot|assistant|language)\b|\bi (?:love|hate|obey|will|must|cannot|can't|refuse)\b",
        r"(?:저는|나는|난|전)\s[^,?]{0,20}(?:입니다|이에요|예요|이다|이야|야)(?:[.!,\s]|$)|제 이름은|내 이름은|(?:라고|다고) (?:지시|명령)받",
        r"(?:私|僕|俺|わたし)は[^、？]{0,15}(?:です|だ|である)(?:[。、！!]|$)|(?:私|僕|俺)の名前は|と(?:指示|命令)され",
    )
)
"""A robot that starts a topic says nothing about itself but that it would like to know."""
