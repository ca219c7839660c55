// Name, e-mail address and password of somebody new: the first owner, or who was invited.
import { t } from '../i18n/i18n';
import { Field } from '../ui/field';

export interface PersonForm {
  name: string;
  email: string;
  password: string;
}

export function PersonFields({
  form,
  change,
  email, // given by the invitation, not to be changed
  error,
}: {
  form: PersonForm;
  change: (name: keyof PersonForm) => (event: { target: { value: string } }) => void;
  email?: string;
  error?: string;
}) {
  return (
    <>
      <Field
        label={t('field.name')}
        autoComplete="name"
        required
        autoFocus
        value={form.name}
        onChange={change('name')}
      />
      <Field
        label={t('field.email')}
        type="email"
        autoComplete="username"
        required
        readOnly={Boolean(email)}
        value={email || form.email}
        onChange={change('email')}
      />
      <Field
        label={t('field.password')}
        type="password"
        autoComplete="new-password"
        required
        minLength={10}
        hint={t('field.password.hint')}
        error={error}
        value={form.password}
        onChange={change('password')}
      />
    </>
  );
}
