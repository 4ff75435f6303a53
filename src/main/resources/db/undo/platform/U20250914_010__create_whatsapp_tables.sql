-- Undoes V20250914_010: WhatsApp contacts, conversations, messages and webhooks.

drop trigger remove_whatsapp_data on public.profiles;
drop table public.whatsapp_webhooks;
drop table public.whatsapp_messages;
drop table public.whatsapp_conversations;
drop table public.whatsapp_contacts;
drop function app_private.remove_whatsapp_data();
drop function app_private.remove_whatsapp_webhooks();
drop function app_private.keep_further_whatsapp_status();
drop function app_private.note_whatsapp_consent();
