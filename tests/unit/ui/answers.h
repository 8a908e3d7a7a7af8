/* Recorded answers of the service (fictitious persons), as JSON with single quotes. */
#ifndef TESTS_UNIT_UI_ANSWERS_H
#define TESTS_UNIT_UI_ANSWERS_H

#define ICHIRO \
    "{'id':'000000000000015','name':'川田　一郎','relation':'世帯主','birth_short':'昭50. 5.10','sex':'男','age':51}"
#define HANAKO \
    "{'id':'000000000000023','name':'川田　花子','relation':'妻','birth_short':'昭53. 3. 2','sex':'女','age':48}"
#define HANAKO_HEAD \
    "{'id':'000000000000023','name':'川田　花子','relation':'世帯主','birth_short':'昭53. 3. 2','sex':'女','age':48}"
#define KIYO \
    "{'id':'000000000000040','name':'川田　キヨ','relation':'母','birth_short':'昭24. 1.15','sex':'女','age':77}"

#define BOARD                                                                                                       \
    "{'waiting':[{'state':'entered','label':'仮登録','count':12,'oldest_s':7200,'level':'ok'},"                  \
    "{'state':'examined','label':'審査済','count':5,'oldest_s':93600,'level':'late'}],"                          \
    "'age_bars':[{'label':'当日','count':9,'level':'ok'},{'label':'超過','count':2,'level':'late'}],"           \
    "'today':[{'kind':'tenkyo','title':'転居届','count':4}],'certificates':{'issued':3,'copies':5,'fees':1500}," \
    "'link_history':[3,4,3,-1,9],'due':[{'what':'作動停止訓練','level':'soon','count':1}]}"

#define FOUND                                                                                                                    \
    "{'rows':[{'id':'000000000000015','rev':3,'name':'川田　一郎','kana':'カワダ　イチロウ','birth_short':'昭50. " \
    "5.10',"                                                                                                                     \
    "'sex':'男','age':51,'address':'梅町一丁目1番地','household':'000000000000907','household_size':3,'status':'1',"     \
    "'status_label':'住民','planned':'','restricted':false,'provisional':false},"                                              \
    "{'id':'000000000000023','rev':3,'name':'川田　花子','kana':'カワダ　ハナコ','birth_short':'昭53. 3. 2',"       \
    "'sex':'女','age':48,'address':'梅町一丁目1番地','household':'000000000000907','household_size':3,'status':'1',"     \
    "'status_label':'住民','planned':'','restricted':true,'provisional':true}],'more':false}"

#define PERSON                                                                                                                     \
    "{'id':'000000000000023','rev':3,'items':[{'key':'name','label':'氏名','value':'川田　花子','show':'川田　花子'}," \
    "{'key':'my_number','label':'個人番号','value':'','show':'','masked':true},"                                               \
    "{'key':'addr_town','label':'町字','value':'梅町一丁目','show':'梅町一丁目'}],"                                    \
    "'household':{'no':'000000000000907','members':[" ICHIRO "," HANAKO "]},"                                                      \
    "'restriction':{'level':'alert','text':'','marked':true},'provisional':[{'no':'E1-000120','kind':'tenkyo'}],"                  \
    "'lock':{'operator':'','own':false}}"

#define HISTORY                                                                                                                   \
    "{'rows':[{'rev':2,'reason':'M01','reason_label':'転居','event_on':'平成15年4月1日','filed_on':'平成15年4月3日'," \
    "'processed_on':'平成15年4月3日','office':'東支所','notice_no':'E1-000002','changes':"                                \
    "[{'key':'addr_lot','label':'番地号','before':'1番地','after':'8番地3'}]},"                                            \
    "{'rev':1,'reason':'K01','reason_label':'国内転入','event_on':'平成10年4月1日','filed_on':'','processed_on':'',"     \
    "'office':'本庁','notice_no':'','changes':[]}]}"

#define KINDS                                                                                                                 \
    "{'kinds':[{'id':'tennyu','title':'転入届','group':'異動','law':'法第22条','deadline_days':14,'outage':'accept'," \
    "'menu_key':'1'},{'id':'tenkyo','title':'転居届','group':'異動','law':'法第23条','deadline_days':14,"             \
    "'outage':'accept','menu_key':'2'},{'id':'shusshou','title':'出生','group':'職権','law':'法第8条',"                \
    "'deadline_days':0,'outage':'hold','menu_key':'1'}]}"

#define FORM                                                                                                                \
    "{'kind':'tenkyo','title':'転居届','law':'法第23条','sections':["                                                 \
    "{'id':'move','title':'転居','min':1,'max':1,'fields':["                                                              \
    "{'key':'moved_on','label':'転居年月日','type':'date','required':true,'help':'実際に引っ越した日。'}]}," \
    "{'id':'persons','title':'転居する人','min':1,'max':20,'fields':["                                                 \
    "{'key':'person','label':'氏名','type':'person','required':true},"                                                    \
    "{'key':'relation','label':'続柄','type':'relation','required':true}]},"                                              \
    "{'id':'address','title':'新住所','min':1,'max':1,'fields':["                                                        \
    "{'key':'addr_zip','label':'郵便番号','type':'zip','max':7},"                                                       \
    "{'key':'addr_code','label':'住所コード','type':'digits','max':11},"                                               \
    "{'key':'addr_town','label':'町字','type':'town','max':120},"                                                         \
    "{'key':'addr_lot','label':'番地号','type':'text','max':50}]}],"                                                     \
    "'checklist':['届書の記載と入力が一致している','届出人の本人確認ができている'],'papers':['kakuninhyo']}"

#define DIFFERENCE                                                                                                \
    "'before':[{'no':'000000000000907','address':'梅町一丁目1番地','members':[" ICHIRO "," HANAKO "," KIYO "]}]," \
    "'after':[{'no':'000000000000907','address':'梅町一丁目1番地','members':[" ICHIRO "," KIYO "]},"              \
    "{'no':'','address':'梅町一丁目8番地3','members':[" HANAKO_HEAD "]}],"                                        \
    "'changes':[{'id':'000000000000023','name':'川田　花子','items':["                                       \
    "{'label':'番地号','before':'1番地','after':'8番地3'},{'label':'続柄','before':'妻','after':'世帯主'}]}]"

#define WARNING                                                                                                   \
    "{'msg':'W04','level':'W','section':'persons','row':0,'field':'person','text':'世帯主が抜けます。'," \
    "'remedy':'先に新しい世帯主を決めてください。'}"
#define ERROR                                                                                                                         \
    "{'msg':'E04','level':'E','section':'move','row':0,'field':'moved_on','text':'転居年月日が入力されていません。'," \
    "'remedy':'届出書で確かめて入力してください。'}"

#define FOUND_ONE \
    "{'rows':[{'id':'000000000000023','name':'川田　花子','birth_short':'昭53. 3. 2','address':'梅町'}],'more':false}"

#define CERT_KINDS                                                                                                       \
    "{'kinds':[{'id':'juminhyo_kojin','title':'住民票の写し','fee':300,'offline':true,'items':["                   \
    "{'code':'domicile','label':'本籍','tick':'本籍・筆頭者の氏名','ask':{'self':true,'third':true}},"        \
    "{'code':'my_number','label':'個人番号','tick':'個人番号','number':true,'ask':{'self':true,'third':false}}," \
    "{'code':'name','label':'氏名','ask':{'self':false,'third':false}}]}],"                                            \
    "'requesters':[{'code':'self','label':'本人','document':true},{'code':'third','label':'第三者'}],"              \
    "'exemptions':[{'code':'official','label':'公用'}],'documents':[{'code':'12','label':'運転免許証'}]}"
#define PREVIEW "{'pages':[{'lines':['','住民票の写し見本']}],'overflow':[],'needs_approval':false,'findings':[]}"

#define STOP                                                                                                             \
    "{'state':'outage','state_label':'作動停止中','no':'E1-T26-001','types':'L','types_label':'回線停止',"      \
    "'detected_at':'2026-07-01T09:10:00+09:00','declared_at':'2026-07-01T09:20:00+09:00','reason':'回線工事',"       \
    "'host':'down','stable':{'n':0,'need_n':5,'s':0,'need_s':600},'can':['outage.change','outage.ratify'],"              \
    "'blocks':[{'label':'追認','ok':false,'text':'承認者の追認がまだです。'}],"                            \
    "'types_all':[{'code':'L','label':'回線停止'},{'code':'H','label':'ホスト停止'}],"                          \
    "'counts':[{'label':'受付','value':3}],'balance':[{'label':'受付=反映','left':3,'right':2,'ok':false}],"       \
    "'phases':[{'at':'2026-07-01T09:20:00+09:00','label':'停止宣言','state_label':'作動停止中','who':'山本'," \
    "'second':'','reason':'回線工事','types_label':'回線停止'}]}"
#define PLAN                                                                                                                           \
    "{'rows':[{'n':1,'op':7,'no':'E1-B26-1','title':'転居届','persons':['川田 花子'],'received_at':"                            \
    "'2026-07-01T09:30:00+09:00','verdict':'conflict','verdict_label':'競合','text':'本庁で住所が変わっています。'}]," \
    "'totals':[{'label':'反映できる','value':0},{'label':'競合','value':1}]}"
#define CONFLICT                                                                                                                  \
    "{'category':'C2','label':'同じ項目の変更','action':'本庁の内容を確かめてください。','no':'E1-000123'," \
    "'title':'転居届','persons':['川田 花子'],'items':[{'label':'番地号','base':'1番地','mine':'8番地3',"           \
    "'theirs':'9番地','theirs_changed':true,'mine_changed':true}],'decisions':[{'code':'resend','label':'再提出'},"          \
    "{'code':'withdraw','label':'取下げ'}],'decided':false}"
#define SYNC                                                                                                                        \
    "{'host':'ok','host_text':'本庁は応答しています','queue':[{'label':'送信待','count':2,'oldest_s':90,'level':'ok'}" \
    "],"                                                                                                                            \
    "'copy':{'as_of':'2026-07-01T10:40:00+09:00','age_s':120},'list':{'as_of':'','age_s':0},"                                       \
    "'load':{'active':true,'done':4000,'total':10000,'rate':500,'remaining_s':12,'unit':'人'},"                                    \
    "'sent':[{'op':7,'title':'転居届','no':'E1-000123','state_label':'反映済','at':'2026-07-01T10:30:00+09:00'}]}"

#define RETURNED                                                                                                       \
    "{'no':'E1-000123','kind':'tenkyo','title':'転居届','state':'returned','state_label':'差戻し','findings':[]" \
    "," DIFFERENCE ",'values':[{'s':'move','r':0,'f':'moved_on','v':'2026-06-28'}],'events':[],'answers':[]}"

#define CASE                                                                                                           \
    "{'no':'E1-000123','kind':'tenkyo','title':'転居届','state':'entered','state_label':'仮登録','findings':[" WARNING \
    "]," DIFFERENCE ",'values':[{'s':'move','r':0,'f':'moved_on','v':'2026-06-28'},"                                   \
    "{'s':'persons','r':0,'f':'person','v':'000000000000023','l':'川田　花子'}],"                                 \
    "'events':[{'at':'2026-07-01T10:42:00+09:00','what':'仮登録','who':'川口','reason':''}],'answers':[]}"

#endif
